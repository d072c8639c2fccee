//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources

/// Whether hyperparameters that do something beside others only have them: validation losses, packs, or an adapter.
enum CompanionCheck {
    /// Findings without source lines: at the hyperparameter that lacks another, the fine-tune's own or its profile's.
    static func findings(_ state: DesiredState) -> [Diagnostic] {
        let checks: [(Located<FineTune>, DesiredState) -> Diagnostic?] = [validation, packing, adapter, parent]
        return state.fineTunes.values.flatMap { fineTune in
            checks.compactMap { check in
                var finding = check(fineTune, state)
                finding?.context = "FineTune \(fineTune.spec.point?.sweep ?? fineTune.name)"
                return finding
            }
        }
    }

    private static func validation(_ fineTune: Located<FineTune>, _ state: DesiredState) -> Diagnostic? {
        let decisive = HyperparameterTable.decidedByValidation { state.value(of: $0, in: fineTune) }
        guard let decisive else { return nil }
        let lack: String
        if state.value(of: "run_validation", in: fineTune) == .bool(false) {
            lack = "`run_validation: false` measures none"
        } else if let dataset = state.datasets[fineTune.spec.dataset], dataset.spec.validation == nil {
            lack = "dataset `\(dataset.name)` has no `validation`"
        } else {
            return nil
        }
        return Diagnostic(
            .needsValidation,
            "`\(decisive.text)` needs validation losses, and \(lack)",
            range: state.place(of: decisive.name, in: fineTune) ?? fineTune.range
        )
    }

    private static func packing(_ fineTune: Located<FineTune>, _ state: DesiredState) -> Diagnostic? {
        let name = "wrap_packed_sequences"
        guard state.value(of: name, in: fineTune) == .bool(true),
            state.value(of: "pack_sequences", in: fineTune) != .bool(true)
        else { return nil }
        return Diagnostic(
            .conflictingFields,
            "`\(name)` cuts packs, and there are none without `pack_sequences: true`",
            range: state.place(of: name, in: fineTune) ?? fineTune.range
        )
    }

    private static func adapter(_ fineTune: Located<FineTune>, _ state: DesiredState) -> Diagnostic? {
        guard trainsAllWeights(fineTune, state),
            let name = HyperparameterTable.ofAdapters.first(where: { state.value(of: $0, in: fineTune) != nil })
        else { return nil }
        return Diagnostic(
            .conflictingFields,
            "`\(name)` is of an adapter, and `peft_method: none` trains all weights without one",
            range: state.place(of: name, in: fineTune) ?? fineTune.range
        )
    }

    /// An adapter of a model of its own would need that model wherever it is served.
    private static func parent(_ fineTune: Located<FineTune>, _ state: DesiredState) -> Diagnostic? {
        guard let parent = state.parent(of: fineTune), trainsAllWeights(parent, state),
            !trainsAllWeights(fineTune, state)
        else { return nil }
        return Diagnostic(
            .conflictingFields,
            "`\(parent.name)` trains all weights, and an adapter goes on from adapters only: set `peft_method: none`",
            range: fineTune.fields["spec.base"] ?? fineTune.range
        )
    }

    private static func trainsAllWeights(_ fineTune: Located<FineTune>, _ state: DesiredState) -> Bool {
        HyperparameterTable.trainsAllWeights { state.value(of: $0, in: fineTune) }
    }
}

//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import ArgumentParser
internal import Reconciler

/// Which fine-tunes a command is about, by their labels.
struct LabelOptions: ParsableArguments {
    @Option(
        name: [.customShort("l"), .customLong("label")],
        help: ArgumentHelp(
            "Only fine-tunes with this label; of several they have all.",
            valueName: "label=value"
        ),
        completion: .labels
    )
    var label: [Selection.Label] = []
}

/// Which fine-tunes a command is about, by their names and labels.
struct SelectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Only this fine-tune; may be given several times.", valueName: "fine-tune"),
        completion: .fineTunes
    )
    var target: [String] = []

    @OptionGroup var labels: LabelOptions

    var selection: Selection { Selection(targets: target, labels: labels.label) }
}

extension Selection.Label: ExpressibleByArgument {
    /// Reads `label=value`.
    package init?(argument: String) { self.init(argument) }
}

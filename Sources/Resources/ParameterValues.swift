//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

/// What something is trained with: the values of hyperparameters by canonical name, and of none that has no value.
///
/// Nearly all are at their default, which takes neither room nor time to compare.
package struct ParameterValues: Hashable, Sendable {
    /// A hyperparameter with its value.
    package struct Setting: Hashable, Sendable {
        /// The canonical name.
        package let name: String
        /// The value.
        package let value: HyperparameterValue

        /// Makes a setting.
        package init(name: String, value: HyperparameterValue) {
            self.name = name
            self.value = value
        }
    }

    /// Whether what is not in ``settings`` is at its default; else it has no value.
    package let hasDefaults: Bool
    /// What is not at its default, sorted by name; all, where some that have a default have no value.
    package let settings: [Setting]

    /// Values of which those that `hasDefaults` says are left out; sorted by name.
    package init(hasDefaults: Bool, settings: [Setting]) {
        self.hasDefaults = hasDefaults
        self.settings = settings
    }

    /// Makes values of any names.
    package init(_ values: [String: HyperparameterValue] = [:]) {
        let hasDefaults = HyperparameterTable.defaults.keys.allSatisfy { values[$0] != nil }
        let settings = values.filter { name, value in !hasDefaults || HyperparameterTable.defaults[name] != value }
        self.init(
            hasDefaults: hasDefaults,
            settings: settings.sorted { $0.key < $1.key }.map { Setting(name: $0.key, value: $0.value) }
        )
    }

    /// The value of a hyperparameter.
    package subscript(name: String) -> HyperparameterValue? {
        get {
            settings.first { $0.name == name }?.value ?? (hasDefaults ? HyperparameterTable.defaults[name] : nil)
        }
        set {
            var values = all
            values[name] = newValue
            self = ParameterValues(values)
        }
    }

    /// All values.
    package var all: [String: HyperparameterValue] {
        settings.reduce(into: hasDefaults ? HyperparameterTable.defaults : [:]) { $0[$1.name] = $1.value }
    }
}

extension ParameterValues: ExpressibleByDictionaryLiteral {
    /// Makes values of names and what they have.
    package init(dictionaryLiteral elements: (String, HyperparameterValue)...) {
        self.init(Dictionary(elements) { $1 })
    }
}

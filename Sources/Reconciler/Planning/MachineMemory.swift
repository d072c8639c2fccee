//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

internal import POSIX
internal import Planning
internal import Runs

/// The memory of the device that would train on this machine, which is looked at once.
final class MachineMemory {
    private let counts: Bool
    private lazy var found: DeviceMemory? = counts ? Self.look() : nil

    /// A plan must not wait for a GPU that does not answer.
    private static let patience: Duration = .seconds(10)

    /// Prepares to look. What a runner of a CI service plans is nearly always trained by another machine, so that its own
    /// memory says nothing but where it trains itself.
    init(isTrainingHere: Bool) {
        counts = isTrainingHere || !RunnerRule.isRunner(ProcessEnvironment.variables)
    }

    /// The memory; nothing where it does not count, or the machine does not tell.
    func ask() -> DeviceMemory? { found }

    private static func look() -> DeviceMemory? {
        let survey = DeviceSurvey(environment: ProcessEnvironment.variables, patience: patience)
        guard let devices = try? survey.devices() else { return nil }
        guard devices.contains(.cpu) else {
            let bytes = try? survey.memory(of: devices)
            return bytes.map { DeviceMemory(bytes: $0, isGPU: true, isHalf: true) }
        }
        return Machine.memory().map { DeviceMemory(bytes: $0, isGPU: false, isHalf: Machine.multipliesHalf()) }
    }
}

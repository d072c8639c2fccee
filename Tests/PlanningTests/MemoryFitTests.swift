//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Resources
import Testing

@testable import Planning

@Suite("Whether a training fits into memory")
struct MemoryFitTests {
    private static let parameters = 6.74e9

    /// A request for a base of seven billion parameters whose manifest says how much memory there is.
    private static func request(
        gigabytes: Int?,
        _ parameters: [String: HyperparameterValue] = [:]
    ) -> TrainingRequest {
        var request = Samples.request(inputs: Samples.inputs(parameters: parameters))
        request.hardware = BaseModel.Hardware(gpus: 1, memory: gigabytes.map { $0 * 1_000_000_000 })
        request.terms.memory = Samples.range(9)
        request.range = Samples.range(20)
        return request
    }

    private static func inputs(
        _ request: TrainingRequest,
        versions: [VersionRecord] = [],
        longest: Int = 2048
    ) -> Planner.Inputs {
        var inputs = Planner.Inputs(
            origin: Plan.Origin(commit: nil, branch: nil),
            requests: [request],
            versions: versions,
            now: Timestamp(seconds: 1_000_000)
        )
        inputs.bases = [
            Estimator.Base(name: request.inputs.base, parameters: parameters, hardware: [:], context: 4096),
            Estimator.Base(name: ResourceName(rawValue: "middle"), parameters: 1e9, hardware: [:]),
            Estimator.Base(name: ResourceName(rawValue: "small"), parameters: 5e8, hardware: [:]),
        ]
        inputs.lengths = { _ in RowLengths([40, longest]) }
        return inputs
    }

    private static func item(_ inputs: Planner.Inputs) throws -> PlanItem {
        try #require(Planner.plan(inputs).items.first)
    }

    private static func reason(_ item: PlanItem) throws -> String {
        guard case .blocked(let block) = item.action, block.kind == .backend else {
            throw PlanningError(.baseWithoutIdentity, "\(item.action)")
        }
        return block.reason
    }

    @Test("what fits is planned as ever, with what it takes")
    func fits() throws {
        let plan = Planner.plan(Self.inputs(Self.request(gigabytes: 80)))
        let item = try #require(plan.items.first)
        #expect(item.action == .create && plan.warnings.isEmpty && item.findings.isEmpty)
        #expect(item.estimate?.memory == item.memory?.needed)
        let needed = try #require(item.estimate?.memory)
        #expect((35_000_000_000...36_000_000_000).contains(needed), "\(needed)")
    }

    @Test(
        "what cannot fit is blocked, with the first two ways in which it would",
        arguments: [
            (24, [:], "it needs about 36 GB of memory, and the hardware has 24 GB; `chunk_size: 512` would take 20 GB"),
            (
                80, ["peft_method": .text("none")],
                "it needs about 163 GB of memory, and the hardware has 80 GB; `peft_method: lora` would take 36 GB"
            ),
            (
                80, ["peft_method": .text("none"), "lora_rank": .integer(512)],
                "it needs about 163 GB of memory, and the hardware has 80 GB; `peft_method: lora` would take 57 GB"
            ),
            (
                24, ["peft_method": .text("none")],
                "it needs about 163 GB of memory, and the hardware has 24 GB; `peft_method: lora` with "
                    + "`chunk_size: 512` would take 20 GB"
            ),
            (
                40, ["lora_rank": .integer(1024)],
                "it needs about 78 GB of memory, and the hardware has 40 GB; `lora_rank: 8` would take 36 GB"
            ),
            (
                12, [:],
                "it needs about 36 GB of memory, and the hardware has 12 GB; base model middle would fit; "
                    + "a device of 40 GB would do"
            ),
            (2, [:], "it needs about 36 GB of memory, and the hardware has 2.0 GB; a device of 40 GB would do"),
        ] as [(Int, [String: HyperparameterValue], String)]
    )
    func blocks(gigabytes: Int, parameters: [String: HyperparameterValue], reason: String) throws {
        let item = try Self.item(Self.inputs(Self.request(gigabytes: gigabytes, parameters)))
        #expect(try Self.reason(item) == reason)
        #expect(item.memory?.block?.range == Samples.range(9) && item.findings.isEmpty)
    }

    @Test("rows one by one are named first, as they change no result")
    func rowsOneByOne() throws {
        var inputs = Self.inputs(Self.request(gigabytes: 16), longest: 40)
        inputs.bases[0].parameters = 6e9
        let warning = try #require(Planner.plan(inputs).warnings.first)
        #expect(warning.message.hasSuffix("has 16 GB; `micro_batch_size: 1` would take 14 GB"), "\(warning)")
    }

    @Test("what may not fit is warned of, and silent or denied as Project says")
    func warns() throws {
        let request = Self.request(gigabytes: 32)
        var inputs = Self.inputs(request)
        let plan = Planner.plan(inputs)
        #expect(plan.items.first?.action == .create)
        let warning = try #require(plan.warnings.first)
        #expect(warning.id.rawValue == "tight-memory" && warning.range == Samples.range(9))
        #expect(
            warning.message.hasPrefix("it needs about 36 GB of memory, and the hardware has 32 GB; `chunk_size: 1024`")
        )
        #expect(warning.message.contains("; `peft_method: qlora` would take 26 GB"), "\(warning)")
        #expect(FindingCatalog.warnings.contains("tight-memory"))
        var project = Project()
        project.warnings.deny = ["tight-memory"]
        inputs.project = Samples.project(project)
        #expect(Planner.plan(inputs).count("blocked") == 1)
    }

    @Test("this machine's memory warns, and stops none but those that train here; the manifest's comes before it")
    func machine() throws {
        var inputs = Self.inputs(Self.request(gigabytes: nil))
        inputs.memory = { DeviceMemory(bytes: 16_000_000_000, isGPU: true, isHalf: true) }
        let plan = Planner.plan(inputs)
        let item = try #require(plan.items.first)
        #expect(item.action == .create && item.memory?.block?.kind == .backend)
        let warning = try #require(plan.warnings.first)
        #expect(warning.message.contains("and this machine's GPU has 16 GB; "), "\(warning)")
        #expect(warning.message.hasSuffix("say `node: {hardware: {memory: …}}` of base model gemma-3-270m"))
        #expect(warning.range == Samples.range(20))
        inputs.requests = [Self.request(gigabytes: 80)]
        #expect(Planner.plan(inputs).warnings.isEmpty)
        inputs.requests = [Self.request(gigabytes: 24)]
        #expect(Planner.plan(inputs).count("blocked") == 1)
    }

    @Test("a machine's memory is not asked for where nothing is trained")
    func unasked() {
        var asked = 0
        func plan(_ request: TrainingRequest, versions: [VersionRecord] = []) -> Plan {
            var inputs = Self.inputs(request, versions: versions)
            inputs.memory = {
                asked += 1
                return nil
            }
            return Planner.plan(inputs)
        }
        let request = Self.request(gigabytes: nil)
        var (suspended, elsewhere) = (request, request)
        suspended.terms.suspension = Suspension(reason: "later")
        elsewhere.backend = .replicate
        #expect(plan(request, versions: [Samples.version(of: request.inputs)]).count("up-to-date") == 1)
        #expect(plan(suspended).count("blocked") == 1 && plan(elsewhere).count("blocked") == 1)
        #expect(asked == 0)
        #expect(plan(request).count("create") == 1 && asked == 1)
    }

    @Test(
        "a version that asked for no less tells that it fits, and one that did tells nothing",
        arguments: [
            ([:], true), (["lora_rank": .integer(64)], true), (["chunk_size": .integer(1024)], false),
            (["lora_rank": .integer(4)], false), (["keep": .text("best")], false),
            (["peft_method": .text("none")], false), (["peft_method": .text("qlora")], false),
            (["micro_batch_size": .integer(1)], false),
        ] as [([String: HyperparameterValue], Bool)]
    )
    func learned(parameters: [String: HyperparameterValue], tells: Bool) throws {
        var version = Samples.version(of: Samples.inputs(train: "before", parameters: parameters))
        version.training.device = "cuda"
        version.training.peakMemory = 20_000_000_000
        let request = Self.request(gigabytes: 24)
        let item = try Self.item(Self.inputs(request, versions: [version]))
        #expect((item.action == .update) == tells, "\(item.action)")
        #expect((item.memory?.needed == 20_500_000_000) == tells)
        version.training.device = "cpu"
        #expect(try Self.item(Self.inputs(request, versions: [version])).action.word == "blocked")
    }
}

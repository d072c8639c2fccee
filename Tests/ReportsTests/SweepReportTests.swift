//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Planning
import Resources
import Testing

@testable import Reports

@Suite("SweepReport")
struct SweepReportTests {
    private static func version(_ number: Int, _ name: String, loss: Double?, right: Int = 9) -> VersionRecord {
        var version = ReportSamples.version(number: number)
        version.fineTunes = [ResourceName(rawValue: name)]
        version.training.validationLoss = loss
        version.evaluation?.version.loss = loss
        version.evaluation?.version.validationExactMatch = .init(correct: right, total: 12)
        return version
    }

    private static let versions = [
        version(1, "triage[learning_rate=1e-4,lora_rank=8]", loss: 0.7),
        version(2, "triage[learning_rate=2e-4,lora_rank=8]", loss: 0.2),
        version(3, "triage[learning_rate=2e-4,lora_rank=8]", loss: 0.9),
        version(4, "triage[learning_rate=1e-4,lora_rank=16]", loss: 0.5),
        version(5, "other[seed=1]", loss: 0.1), version(6, "triage", loss: 0.1),
    ]
    private static let triage = ResourceName(rawValue: "triage")

    @Test("compares the newest version of each point, as the snapshot has it")
    func compares() throws {
        let report = SweepReport.markdown(Self.triage, versions: Self.versions)
        try Snapshot.expect(report, is: "sweep.md")
        #expect(report.contains("Best by validation loss: learning_rate 1e-4, lora_rank 16."), "\(report)")
        #expect(SweepReport.markdown(Self.triage, versions: Self.versions.reversed()) == report)
    }

    @Test("has a column for each further metric that a point was measured by")
    func furtherMetrics() {
        var point = ReportSamples.compared(number: 7)
        point.fineTunes = [Self.versions[3].fineTunes[0]]
        let report = SweepReport.markdown(Self.triage, versions: Self.versions + [point])
        let head = "| exact on prompts | rougeL on validation | valid JSON on prompts | cost |"
        #expect(report.contains(head) && report.contains("| 0.655 | 1.000 | $0.12 |"), "\(report)")
        #expect(report.contains("| - | - | $0.12 |"), "\(report)")
    }

    @Test("goes by right answers where no loss was measured, and says where nothing was")
    func noLoss() {
        let answered = [Self.version(1, "a[seed=1]", loss: nil, right: 3), Self.version(2, "a[seed=2]", loss: nil)]
        let name = ResourceName(rawValue: "a")
        #expect(SweepReport.markdown(name, versions: answered).contains("Best by exact match: seed 2."))
        var bare = answered[0]
        bare.evaluation = nil
        #expect(SweepReport.markdown(name, versions: [bare]).contains("No point was measured."))
    }

    @Test("knows the sweeps of versions, and no name that would leave its folder")
    func sweeps() {
        let hostile = ["../../x[seed=1]", "a/b[seed=1]", "<b>[seed=1]"].map { Self.version(7, $0, loss: nil) }
        #expect(SweepReport.sweeps(in: Self.versions + hostile).map(\.rawValue) == ["other", "triage"])
    }

    private static func limited(_ limits: [Int], losses: [Double]) -> [VersionRecord] {
        zip(limits, losses).enumerated().map { index, pair in
            var version = ReportSamples.version()
            version.number = index + 1
            version.id = .ofText("\(pair.0)")
            version.fineTunes = [ResourceName(rawValue: "triage[limit=\(pair.0)]")]
            version.inputs.trainRows = pair.0
            version.training.validationLoss = pair.1
            version.evaluation = nil
            return version
        }
    }

    @Test("over limits is the learning curve, with what the last doubling gained")
    func learningCurve() throws {
        let versions = Self.limited([100, 200, 400], losses: [2, 1.5, 1.2])
        let report = SweepReport.markdown(Self.triage, versions: versions)
        let words = "The last doubling, from 200 to 400 rows, took the validation loss from 1.5000 to 1.2000 (-20.0%)."
        #expect(report.contains(words) && report.contains("![The sweep as curves](triage.svg)"), "\(report)")
        let svg = try #require(SweepReport.svg(Self.triage, versions: versions))
        #expect(svg.contains("Learning curve of triage") && svg.contains("validation loss 1.5000 with 200 rows"))
        #expect(svg.split(separator: "<circle").count == 4)
        // Nothing was doubled, or it went the other way.
        let close = SweepReport.markdown(Self.triage, versions: Self.limited([300, 400], losses: [2, 1]))
        #expect(!close.contains("doubling"), "\(close)")
        let worse = SweepReport.markdown(Self.triage, versions: Self.limited([200, 400], losses: [1, 1.1]))
        #expect(worse.contains("(+10.0%)"), "\(worse)")
    }

    @Test("has the losses of all points in one picture, each with its name")
    func curves() throws {
        let svg = try #require(SweepReport.svg(Self.triage, versions: Self.versions))
        let points = Self.versions.flatMap(\.fineTunes).filter { $0.rawValue.hasPrefix("triage[") }
        let names = Set(points)
        #expect(svg.split(separator: #"class="curve curve"#).count == 2 * names.count + 1, "\(svg)")
        #expect(svg.contains("Losses of triage") && !svg.contains("Learning curve"))
        var bare = Self.versions
        for index in bare.indices { bare[index].losses = [] }
        #expect(SweepReport.svg(Self.triage, versions: bare) == nil)
    }
}

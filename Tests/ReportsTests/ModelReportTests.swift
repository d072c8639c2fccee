//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//

import Foundation
import Resources
import Testing

@testable import Reports

@Suite("ModelReadme and LossCurve")
struct ModelReportTests {
    private static let hostile =
        "| x |\n<script>alert(1)</script></td>\n\n# h ![i](http://e.org) `` ``` \u{1B}[2J \u{202E}</svg>"

    private static func contents(_ versions: [VersionRecord]) -> ModelReadme.Contents {
        ModelReadme.Contents(
            model: ReportSamples.model,
            description: "Sorts tickets.",
            versions: versions,
            fields: ["ticket"]
        )
    }

    @Test("the README is the snapshot, whatever the order of the records")
    func readme() throws {
        let versions = [ReportSamples.version(), ReportSamples.version(number: 2, id: "d")]
        let text = ModelReadme.markdown(Self.contents(versions))
        try Snapshot.expect(text, is: "README.md")
        #expect(ModelReadme.markdown(Self.contents(versions.reversed())) == text)
        #expect(ModelReadme.markdown(Self.contents([])).hasSuffix("No versions yet.\n"))
    }

    @Test("the README has each metric with its interval, and what base and version said to rows beside each other")
    func comparedReadme() throws {
        let text = ModelReadme.markdown(Self.contents([ReportSamples.compared()]))
        try Snapshot.expect(text, is: "README-compared.md")
    }

    @Test("no text of a record breaks out of the README")
    func hostileReadme() {
        var version = ReportSamples.compared()
        let usual = ModelReadme.markdown(Self.contents([version]))
        version.evaluation?.answers = [
            .init(prompt: Self.hostile, reference: Self.hostile, base: Self.hostile, version: Self.hostile)
        ]
        version.evaluation?.validationAnswers = [
            .init(prompt: Self.hostile, reference: Self.hostile, base: Self.hostile, version: Self.hostile),
            .init(prompt: Self.hostile, reference: Self.hostile, base: Self.hostile, version: Self.hostile),
        ]
        version.evaluation?.comparisons[3].metric = Self.hostile
        version.fineTunes = [ResourceName(rawValue: Self.hostile)]
        var contents = Self.contents([version])
        contents.description = Self.hostile
        contents.fields = [Self.hostile, "ticket"]
        let text = ModelReadme.markdown(contents)
        #expect(!text.contains("<script") && !text.contains("</td") && !text.contains("http:"))
        let bars = { (text: String) in text.replacing("\\|", with: "").count { $0 == "|" } }
        #expect(text.split(separator: "\n").count == usual.split(separator: "\n").count)
        #expect(bars(text) == bars(usual))
    }

    @Test("the curve is the snapshot, and equal input gives equal bytes")
    func curve() throws {
        let svg = LossCurve.svg(of: ReportSamples.version())
        try Snapshot.expect(svg, is: "loss.svg")
        #expect(svg == LossCurve.svg(of: ReportSamples.version()))
    }

    @Test("curve, text and README tell the step that was kept, and that training ended early")
    func kept() {
        var version = ReportSamples.version()
        #expect(LossCurve.svg(of: version).contains("validation loss 0.5123 at step 24"))
        (version.training.keptStep, version.training.earlyStoppingStep) = (16, 24)
        #expect(LossCurve.svg(of: version).contains("validation loss 0.5123 at step 16"))
        #expect(VersionText.render(version).contains("24, ended by early stopping, weights of step 16\n"))
        #expect(
            ModelReadme.markdown(Self.contents([version])).contains(
                " on cpu, ended by early stopping, weights of step 16."
            )
        )
    }

    @Test("the curve is well-formed XML without scripts, whatever it shows")
    func wellFormed() throws {
        let points: [[VersionRecord.LossPoint]] = [
            [], [.init(step: 1, loss: .nan)], [.init(step: 1, loss: 0)], [.init(step: 1, loss: 1e12)],
            [.init(step: 0, loss: 1e-9), .init(step: 0, loss: 1e-9)], [.init(step: .max, loss: 1)],
            [.init(step: 1_000_000, loss: 3), .init(step: -5, loss: -1), .init(step: 7, loss: .infinity)],
        ]
        for line in points {
            let svg = LossCurve.svg(title: Self.hostile, points: line, validation: line)
            #expect(try Self.isWellFormed(svg), "\(svg)")
            #expect(!svg.contains("<script") && !svg.contains("NaN") && !svg.contains("inf"))
        }
    }

    /// Asks an XML parser of another make.
    private static func isWellFormed(_ text: String) throws -> Bool {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "python3", "-c", "import sys, xml.dom.minidom as d; d.parseString(sys.stdin.buffer.read())",
        ]
        let pipe = Pipe()
        process.standardInput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        try pipe.fileHandleForWriting.write(contentsOf: Data(text.utf8))
        try pipe.fileHandleForWriting.close()
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}

internal import Planning
internal import Reconciler
internal import Resources
internal import Runs

enum ApplyTable {
    struct Row { let r: ApplyResult; init(_ r: ApplyResult) { self.r = r } }
    static func render(_ rows: [Row], color: Bool) -> String {
        rows.map { "\($0.r.outcome) \($0.r.fineTunes) \($0.r.detail)\n" }.joined()
    }
    static func json(_ rows: [Row]) -> String { "" }
}
enum StatusTable {
    struct Row { let r: RunService.Status; init(_ r: RunService.Status, now: Timestamp) { self.r = r } }
    static func render(_ rows: [Row], color: Bool) -> String {
        rows.map { "\($0.r.run) \($0.r.entry.state)\n" }.joined()
    }
    static func json(_ rows: [Row]) -> String { "" }
}
enum VersionsTable {
    static func render(_ rows: [VersionRecord], color: Bool) -> String {
        rows.map { "\($0.model):\($0.number ?? 0) \($0.id.short)\n" }.joined()
    }
    static func json(_ rows: [VersionRecord]) -> String { "" }
}
enum VersionText {
    static func render(_ r: VersionRecord, color: Bool) -> String { "\(r)\n" }
}
enum ProgressText {
    struct State {
        let name: ResourceName; let s: TrainingSummary;
        init(name: ResourceName, _ s: TrainingSummary) { self.name = name; self.s = s }
    }
    static func bar(_ s: State, width: Int, color: Bool) -> String { line(s) }
    static func line(_ s: State) -> String {
        "\(s.name) \(s.s.phase) step \(s.s.step?.step ?? 0) loss \(s.s.step?.loss ?? 0)"
    }
}
enum CompareText {
    static func render(_ rows: [VersionRecord.Answer], color: Bool) -> String {
        rows.map { "\($0.prompt)\n  base: \($0.base)\n  version: \($0.version)\n" }.joined()
    }
}

package import Git
internal import POSIX
internal import Reports
internal import Resources

struct WorkTreeAdvance {
    let repository: GitRepository, ref: String, from: ObjectID, to: ObjectID, note: String
    static func recover(note: String, in repository: GitRepository) throws {}
    func run() throws -> Bool {
        guard try repository.compareAndSwap(ref, from: from, to: to, message: "ftops") else { return false }
        if let top = repository.workTree {
            var options = SpawnOptions(executable: "git", arguments: ["-C", top, "reset", "--hard", "--quiet"])
            options.newSession = false
            _ = try ChildProcess.spawn(options).wait()
        }
        return true
    }
}
extension GitRepository { package func checkPushable(to ref: String) throws {} }
enum ModelReadme {
    static func markdown(name: ModelName, model: Model, versions: [VersionRecord]) -> String { "# \(name)\n" }
}
enum LossCurve { static func svg(_ r: VersionRecord) -> String { "<svg/>" } }

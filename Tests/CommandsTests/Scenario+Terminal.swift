//===----------------------------------------------------------------------===//
//
// This source file is part of ftops: GitOps for fine-tuning language models.
// Licensed under the Apache License, Version 2.0. See LICENSE for details.
//
//===----------------------------------------------------------------------===//
import Foundation
import FtopsTestSupport

extension Scenario {
    /// Starts ftops on a terminal of its own, as whoever sits there. Each time that an expected text has appeared, what
    /// belongs to it is typed; `\u{3}` is Ctrl-C. Both streams come as its output. With a file nothing is typed before
    /// that is there; that it is waited for is said as `waiting` on standard error.
    func startFtops(
        _ arguments: String...,
        typing steps: [(after: String, keys: String)],
        once file: URL? = nil,
        environment extra: [String: String] = [:]
    ) throws -> Running {
        let script = """
            import json, os, pty, sys, time
            steps, file, command = json.loads(sys.argv[1]), sys.argv[2], sys.argv[3:]
            child, terminal = pty.fork()
            if child == 0:
                os.execv(command[0], command)
            seen, place = b"", 0
            while True:
                try:
                    part = os.read(terminal, 65536)
                except OSError:
                    part = b""
                if not part:
                    break
                seen += part
                sys.stdout.buffer.write(part)
                sys.stdout.flush()
                while steps and (found := seen.find(steps[0][0].encode(), place)) >= 0:
                    place = found + len(steps[0][0].encode())
                    if file:
                        print("waiting", file=sys.stderr, flush=True)
                    while file and not os.path.exists(file):
                        time.sleep(0.01)
                    os.write(terminal, steps.pop(0)[1].encode())
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) % 256)
            """
        let typed = String(decoding: try JSONEncoder().encode(steps.map { [$0.after, $0.keys] }), as: UTF8.self)
        let command = ["python3", "-c", script, typed, file?.path ?? "", Scenario.executable.path] + arguments
        return try start("/usr/bin/env", command, environment: ["TERM": "xterm"].merging(extra) { $1 })
    }
}

import Foundation
import Synchronization

/// The small bash process between us and the server. It holds the read end of a pipe whose write end is ours: at end of file,
/// which the kernel sends however we end, it stops the server. The server sits in a session of its own, so that Ctrl-C at the
/// terminal reaches us and not the server.
final class Supervisor: Sendable {
    /// Arguments: socket folder, log file, then the server's command line.
    private static let script = """
        exec 3<&0 </dev/null
        folder=$1 log=$2
        shift 2
        trap : HUP INT TERM QUIT
        mv -f "$log" "$log.1" 2>/dev/null
        if ! mkdir -m 700 "$folder" 2>>"$log" && ! [ -O "$folder" ]; then exit 1; fi
        (
            # The server gets no descriptor of ours, and ends even if this shell is killed.
            for descriptor in /proc/self/fd/*; do
                descriptor=${descriptor##*/}
                ((descriptor < 3)) || eval "exec $descriptor>&-"
            done
            exec setsid setpriv --pdeathsig INT -- "$@"
        ) >>"$log" 2>&1 &
        server=$!
        {
            read -r -u 3 _
            kill -INT "$server"
            for signal in QUIT KILL; do
                for ((i = 0; i < 300; i++)); do
                    kill -0 "$server" || exit
                    sleep 0.1
                done
                kill -"$signal" "$server"
            done
        } 2>/dev/null &
        watcher=$!
        status=0
        while kill -0 "$server" 2>/dev/null; do wait "$server"; status=$?; done
        # At end of file nobody is left who could start the server again: tidy up.
        if read -r -t 0 -u 3; then rm -rf -- "$folder"; fi
        kill -KILL "$watcher" 2>/dev/null
        exit "$status"
        """

    private struct State {
        var ended = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let process: Process
    private let pipe: Pipe
    private let state = Mutex(State())

    var processID: Int32 { process.processIdentifier }
    var isRunning: Bool { state.withLock { !$0.ended } }

    init(account: ServerAccount, socketFolder: String, log: String, server: [String]) throws {
        let command = account.command(
            "/bin/bash",
            ["--norc", "-c", Self.script, "sluice-postgres", socketFolder, log] + server
        )
        process = Process()
        pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: command.path)
        process.arguments = command.arguments
        process.environment = Command.environment
        process.currentDirectoryURL = URL(fileURLWithPath: "/")
        process.standardInput = pipe
        // Nothing of ours may stay open in the server, or whoever reads our output would wait for it.
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        process.terminationHandler = { [weak self] _ in self?.end() }
        try process.run()
    }

    /// Lets go of the server: a fast shutdown begins. Waiting for its end is bounded by the script, at a minute.
    func release() {
        try? pipe.fileHandleForWriting.close()
    }

    /// Returns once the server and this process have ended.
    func waitForEnd() async {
        await withCheckedContinuation { continuation in
            let ended = state.withLock { state in
                if !state.ended { state.waiting.append(continuation) }
                return state.ended
            }
            if ended { continuation.resume() }
        }
    }

    private func end() {
        let waiting = state.withLock { state in
            state.ended = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}

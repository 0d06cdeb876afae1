import Dispatch
public import Foundation
import Synchronization

/// Where log lines go: whole, in the order in which they came. A queue of its own writes them, several at once when they come
/// quickly, so that a reader who is slow or a full disk holds up nobody who logs.
///
/// What waits is bounded: beyond ``maximumBytes`` lines are left out, and a line says how many.
public final class LogOutput: Sendable {
    public static let standardOutput = LogOutput(.standardOutput)
    public static let standardError = LogOutput(.standardError)

    /// Bytes that may wait to be written.
    public static let maximumBytes = 4 << 20

    private struct State {
        var waiting = Data()
        /// Lines left out since the last one that was taken.
        var leftOut = 0
        var leftOutEver = 0
        var isWriting = false
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "sluice.log")
    private let write: @Sendable (Data) -> Void

    /// - Parameter write: gets some lines with their line ends; never called twice at the same time.
    public init(write: @escaping @Sendable (Data) -> Void) {
        self.write = write
    }

    /// A line that can't be written (closed pipe, full disk) is lost: logging must not stop the program.
    public convenience init(_ file: FileHandle) {
        self.init { lines in try? file.write(contentsOf: lines) }
    }

    /// Lines that were left out since the start.
    public var leftOut: Int { state.withLock { $0.leftOutEver } }

    func writeLine(_ line: [UInt8]) {
        let starts = state.withLock { state in
            guard state.waiting.count + line.count <= Self.maximumBytes else {
                state.leftOut += 1
                state.leftOutEver += 1
                return false
            }
            if state.leftOut > 0 {
                let lost =
                    "{\"level\":\"warning\",\"msg\":\"log lines left out: nobody took them\",\"lines\":\(state.leftOut)}\n"
                state.waiting.append(contentsOf: lost.utf8)
                state.leftOut = 0
            }
            state.waiting.append(contentsOf: line)
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if starts { queue.async { self.drain() } }
    }

    private func drain() {
        while let lines = take() { write(lines) }
    }

    private func take() -> Data? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isWriting = false
                return nil
            }
            defer { state.waiting = Data() }
            return state.waiting
        }
    }

    /// Returns when what was logged before is written, or after a second: a reader who takes nothing must not keep a process from
    /// its end.
    public func flush() {
        let isDone = DispatchSemaphore(value: 0)
        queue.async { isDone.signal() }
        _ = isDone.wait(timeout: .now() + .seconds(1))
    }
}

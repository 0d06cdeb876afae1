public import Foundation
import Synchronization

/// Where log lines go: one line at a time, whole, in the order in which they came.
public final class LogOutput: Sendable {
    public static let standardOutput = LogOutput(.standardOutput)
    public static let standardError = LogOutput(.standardError)

    private let write: Mutex<@Sendable (Data) -> Void>

    /// - Parameter write: gets one line with its line end; never called twice at the same time.
    public init(write: @escaping @Sendable (Data) -> Void) {
        self.write = Mutex(write)
    }

    /// A line that can't be written (closed pipe, full disk) is lost: logging must not stop the program.
    public convenience init(_ file: FileHandle) {
        self.init { line in try? file.write(contentsOf: line) }
    }

    func writeLine(_ line: [UInt8]) {
        let data = Data(line)
        write.withLock { $0(data) }
    }
}

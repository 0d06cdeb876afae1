/// What went wrong with the private server, in a sentence that says what to do.
public struct DevDatabaseError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure; open, so that a new kind breaks nobody.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case serverNotFound, noServerUser, folderUnusable, readOnly, diskFull, alreadyRunning, wrongVersion
            case initializationFailed, startFailed, commandFailed, notRunning
        }

        private let kind: Kind

        private init(_ kind: Kind) { self.kind = kind }

        /// No PostgreSQL server binaries on this machine.
        public static var serverNotFound: Self { .init(.serverNotFound) }
        /// The caller is root and there is no other user to run the server as.
        public static var noServerUser: Self { .init(.noServerUser) }
        /// The folder can't be made, or belongs to somebody else.
        public static var folderUnusable: Self { .init(.folderUnusable) }
        /// The file system takes no writes.
        public static var readOnly: Self { .init(.readOnly) }
        /// The file system is full.
        public static var diskFull: Self { .init(.diskFull) }
        /// A live server works on the same data.
        public static var alreadyRunning: Self { .init(.alreadyRunning) }
        /// The data were written by another major version.
        public static var wrongVersion: Self { .init(.wrongVersion) }
        /// `initdb` failed.
        public static var initializationFailed: Self { .init(.initializationFailed) }
        /// The server ended, or did not become ready in time.
        public static var startFailed: Self { .init(.startFailed) }
        /// A client program such as `createdb` failed.
        public static var commandFailed: Self { .init(.commandFailed) }
        /// The server has not been started, or was stopped.
        public static var notRunning: Self { .init(.notRunning) }

        public var description: String { kind.rawValue }
    }

    public var code: Code
    public var message: String
    public var cause: (any Error)?

    public init(code: Code, message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    public var description: String { message }
}

extension DevDatabaseError {
    /// The error for a failed program, by what it printed: a full or read-only disk has its own sentence.
    static func explaining(_ output: String, code: Code, doing what: String, folder: String) -> Self {
        if output.contains("No space left on device") || output.contains("Disk quota exceeded") {
            return .init(
                code: .diskFull,
                message: "\(what) failed: the disk that holds \(folder) is full. Free some space there and start again."
            )
        }
        if output.contains("Read-only file system") {
            return .init(
                code: .readOnly,
                message: "\(what) failed: \(folder) is on a read-only file system. Use a folder that can be written."
            )
        }
        let detail = output.split(separator: "\n").suffix(12).joined(separator: "\n  ")
        return .init(code: code, message: "\(what) failed" + (detail.isEmpty ? "." : ":\n  \(detail)"))
    }
}

/// The keys that a request is signed with. Its descriptions never show the secret parts.
public struct SigV4Credentials: Hashable, Sendable {
    public let accessKeyID: String
    public let secretAccessKey: String

    /// Comes with temporary credentials, and is sent and signed as `X-Amz-Security-Token`.
    public let sessionToken: String?

    public init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
    }
}

extension SigV4Credentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "credentials \(accessKeyID)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["accessKeyID": accessKeyID]) }
}

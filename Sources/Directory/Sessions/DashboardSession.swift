import Signing

public import struct Foundation.Date

/// Somebody's stay at a dashboard. It is as good as the key that it was begun with, and ends with it.
public struct DashboardSession: Equatable, Sendable {
    /// SHA-256 of the token that the browser has.
    public let id: [UInt8]
    /// SHA-256 of the key.
    public let keyHash: [UInt8]
    public let expiresAt: Date
    /// What the pages send with each change, so that no other site can make a browser do it.
    public let csrfToken: String

    private static let tokenBytes = 32

    /// The id of the session that a token would be of; nil for what is no token.
    public static func id(of token: String) -> [UInt8]? {
        guard token.utf8.count == 2 * tokenBytes else { return nil }
        return Hex.decode(token).map { SHA256.hash($0) }
    }

    init(token: [UInt8], keyHash: [UInt8], expiresAt: Date) {
        id = SHA256.hash(token)
        self.keyHash = keyHash
        self.expiresAt = expiresAt
        csrfToken = Hex.encode(HMACSHA256.code(of: Array("csrf".utf8), key: token))
    }

    /// Whether it is the token of this very session; compared in constant time.
    public func isConfirmed(by token: String) -> Bool {
        ConstantTime.equal(Array(token.utf8), Array(csrfToken.utf8))
    }
}

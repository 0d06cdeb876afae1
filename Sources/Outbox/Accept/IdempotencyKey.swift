import Signing

/// A tenant's name for one request, and that request, as hashes: neither the name nor the mail is kept twice.
public struct IdempotencyKey: Hashable, Sendable {
    /// Of tenant and key.
    let hash: [UInt8]
    let requestHash: [UInt8]

    /// - Parameters:
    ///   - text: the key as the tenant gave it.
    ///   - request: method and path.
    public init(_ text: String, tenantID: Int32, request: String, body: [UInt8]) {
        hash = SHA256.hash("\(tenantID) \(text)")
        requestHash = SHA256.hash(SHA256.hash(body) + Array(request.utf8))
    }

    /// The number of the lock under which the key is used. That two keys share one by chance would be a 409 in a lifetime.
    var lock: Int64 { hash.prefix(8).reduce(0) { $0 << 8 | Int64($1) } }
}

import Synchronization

/// The signing keys of the last few (day, credentials) of one region and service, so that a request costs one HMAC.
final class SigningKeyCache: Sendable {
    private struct Key: Hashable {
        let day: String
        let secretAccessKey: String
    }

    /// Two sets of credentials at midnight, doubled.
    private static let capacity = 8

    private let region: String
    private let service: String
    private let keys = Mutex<[Key: [UInt8]]>([:])

    init(region: String, service: String) {
        self.region = region
        self.service = service
    }

    func key(day: String, secretAccessKey: String) -> [UInt8] {
        let key = Key(day: day, secretAccessKey: secretAccessKey)
        if let known = keys.withLock({ $0[key] }) { return known }
        var derived = HMACSHA256.code(of: day, key: Array("AWS4\(secretAccessKey)".utf8))
        for part in [region, service, "aws4_request"] {
            derived = HMACSHA256.code(of: part, key: derived)
        }
        keys.withLock { keys in
            if keys.count >= Self.capacity { keys.removeAll() }
            keys[key] = derived
        }
        return derived
    }
}

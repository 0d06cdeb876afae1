import Signing

/// API keys: `sk_live_` or `sk_test_` (tenants) or `sa_` (admins), 40 random base-62 characters (238 bits), and a checksum.
///
/// The prefix and the checksum let secret scanners recognise one without asking us. Because a key has that much
/// entropy, its plain SHA-256 is what is stored.
public enum APIKey {
    public enum Kind: String, CaseIterable, Sendable {
        case live = "sk_live_"
        case test = "sk_test_"
        case admin = "sa_"
    }

    private static let randomLength = 40
    private static let checksumLength = 6
    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// A new key.
    public static func generate(_ kind: Kind) -> String {
        var random: [UInt8] = []
        while random.count < randomLength {
            // Bytes from 248 on would make the first characters of the alphabet likelier.
            random += SecureRandom.bytes(64).filter { $0 < 248 }.map { alphabet[Int($0) % 62] }
        }
        let body = kind.rawValue + String(decoding: random.prefix(randomLength), as: UTF8.self)
        return body + checksum(body)
    }

    /// Whether `key` has the form of a key of ours, so that a typo can be told from an unknown key.
    public static func isWellFormed(_ key: String) -> Bool {
        guard let kind = Kind.allCases.first(where: { key.hasPrefix($0.rawValue) }),
            key.utf8.count == kind.rawValue.utf8.count + randomLength + checksumLength
        else { return false }
        return checksum(String(key.dropLast(checksumLength))) == key.suffix(checksumLength)
    }

    /// What is stored of a key.
    static func hash(_ key: String) -> [UInt8] { SHA256.hash(Array(key.utf8)) }

    static func matches(_ a: [UInt8], _ b: [UInt8]) -> Bool { ConstantTime.equal(a, b) }

    /// The characters by which its owner can tell a key from others.
    static func hint(_ key: String) -> String { String(key.prefix(12)) }

    private static func checksum(_ body: String) -> String {
        var value = SHA256.hash(Array(body.utf8)).prefix(5).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        var characters: [UInt8] = []
        for _ in 0..<checksumLength {
            characters.append(alphabet[Int(value % 62)])
            value /= 62
        }
        return String(decoding: characters, as: UTF8.self)
    }
}

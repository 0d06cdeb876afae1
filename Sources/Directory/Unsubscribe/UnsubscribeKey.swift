import Mail
import Signing

/// Makes and reads the tokens of unsubscribe links.
///
/// A token holds all that is needed long after the mail was forgotten, and shows none of it: the address is encrypted, and
/// nobody can make a token without the key. To make one needs no database. The construction is that of SIV
/// (RFC 5297) with HMAC-SHA256: the code of the plain bytes is both the proof and what the key stream is made from, so that there
/// is no nonce that could repeat.
public struct UnsubscribeKey: Sendable {
    private static let tagLength = 16
    private static let block = 16
    /// Longer is none of ours: the longest address has 254 bytes.
    private static let longest = 19 * block

    private let proving: [UInt8]
    private let hiding: [UInt8]

    /// - Parameter secret: 32 random bytes.
    public init(_ secret: [UInt8]) {
        proving = HMACSHA256.code(of: "sluice unsubscribe: proving", key: secret)
        hiding = HMACSHA256.code(of: "sluice unsubscribe: hiding", key: secret)
    }

    /// Letters, digits, `-` and `_`; 86 of them for an address of 13 to 28 bytes.
    public func token(of unsubscription: Unsubscription) -> String {
        var plain = unsubscription.copy.bytes
        for shift in [24, 16, 8, 0] as [Int32] {
            plain.append(UInt8(truncatingIfNeeded: unsubscription.tenantID >> shift))
        }
        plain += unsubscription.email.utf8
        while !plain.count.isMultiple(of: Self.block) { plain.append(0) }
        let tag = tag(of: plain)
        return Base64URL.encode(tag + mixed(plain, tag))
    }

    /// Nil for a token that this key has not made.
    public func unsubscription(of token: some StringProtocol) -> Unsubscription? {
        guard token.utf8.count <= (Self.tagLength + Self.longest) * 4 / 3 + 2, let bytes = Base64URL.decode(token),
            bytes.count > Self.tagLength + Self.block, (bytes.count - Self.tagLength).isMultiple(of: Self.block)
        else { return nil }
        let tag = Array(bytes.prefix(Self.tagLength))
        let plain = mixed(Array(bytes.dropFirst(Self.tagLength)), tag)
        guard ConstantTime.equal(self.tag(of: plain), tag), let copy = OutboxID(bytes: plain[..<16]) else { return nil }
        let tenantID = plain[16..<20].reduce(Int32(0)) { $0 << 8 | Int32($1) }
        let email = plain[20...].prefix { $0 != 0 }
        return Unsubscription(tenantID: tenantID, copy: copy, email: String(decoding: email, as: UTF8.self))
    }

    private func tag(of plain: [UInt8]) -> [UInt8] {
        Array(HMACSHA256.code(of: plain, key: proving).prefix(Self.tagLength))
    }

    /// The bytes with the key stream of a tag; twice makes them what they were.
    private func mixed(_ bytes: [UInt8], _ tag: [UInt8]) -> [UInt8] {
        var mixed = bytes
        for start in stride(from: 0, to: bytes.count, by: SHA256.byteCount) {
            let stream = HMACSHA256.code(of: tag + [UInt8(truncatingIfNeeded: start / SHA256.byteCount)], key: hiding)
            for offset in 0..<min(SHA256.byteCount, bytes.count - start) { mixed[start + offset] ^= stream[offset] }
        }
        return mixed
    }
}

import COpenSSL

/// AES-256-GCM (NIST SP 800-38D) with a random nonce of 96 bits, which is safe for 2^32 texts under one key.
public enum AES256GCM {
    /// The length of a key in bytes.
    public static let keyLength = 32
    /// By how much a sealed text is longer: a nonce before it and a tag behind it.
    public static let overhead = nonceLength + tagLength
    private static let nonceLength = 12
    private static let tagLength = 16

    /// `prefix`, the nonce, the encrypted text and its tag.
    ///
    /// - Parameters:
    ///   - key: of ``keyLength`` bytes.
    ///   - bound: what the tag vouches for besides the text; not empty, and not part of the answer.
    public static func seal(_ text: [UInt8], key: [UInt8], bound: [UInt8], prefix: [UInt8] = []) -> [UInt8] {
        LibCrypto.require(key.count == keyLength && !bound.isEmpty, "AES-256-GCM's key")
        var sealed = prefix
        sealed.reserveCapacity(prefix.count + text.count + overhead)
        sealed += SecureRandom.bytes(nonceLength)
        sealed.append(contentsOf: repeatElement(0, count: text.count + tagLength))
        // An empty text has no address of its own to give.
        let padded = text.isEmpty ? [0] : text
        // `unsafe`: the pointers live for the call, and `output` has the bytes behind `prefix` that it writes.
        let done = unsafe sealed.withUnsafeMutableBufferPointer { output in
            unsafe key.withUnsafeBufferPointer { key in
                unsafe bound.withUnsafeBufferPointer { bound in
                    unsafe padded.withUnsafeBufferPointer { data in
                        unsafe sluice_gcm_seal(
                            LibCrypto.aes256GCM,
                            key.baseAddress,
                            bound.baseAddress,
                            bound.count,
                            data.baseAddress,
                            text.count,
                            output.baseAddress,
                            prefix.count
                        )
                    }
                }
            }
        }
        LibCrypto.require(done == 1, "AES-256-GCM")
        return sealed
    }

    /// The text of what ``seal(_:key:bound:prefix:)`` made with a prefix of so many bytes; nil where key, prefix, text or what it
    /// is bound to are not those that it was sealed with.
    public static func open(_ sealed: [UInt8], after prefix: Int, key: [UInt8], bound: [UInt8]) -> [UInt8]? {
        let length = sealed.count - prefix - overhead
        guard length >= 0, key.count == keyLength, !bound.isEmpty else { return nil }
        // `unsafe`: the pointers live for the call; `sealed` has all that is read, and `text` a byte at least.
        var text = [UInt8](repeating: 0, count: max(length, 1))
        let done = unsafe text.withUnsafeMutableBufferPointer { output in
            unsafe key.withUnsafeBufferPointer { key in
                unsafe bound.withUnsafeBufferPointer { bound in
                    unsafe sealed.withUnsafeBufferPointer { sealed in
                        unsafe sluice_gcm_open(
                            LibCrypto.aes256GCM,
                            key.baseAddress,
                            bound.baseAddress,
                            bound.count,
                            sealed.baseAddress,
                            prefix,
                            length,
                            output.baseAddress
                        )
                    }
                }
            }
        }
        guard done == 1 else { return nil }
        return length == 0 ? [] : text
    }
}

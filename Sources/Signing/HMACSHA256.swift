import COpenSSL

/// HMAC with SHA-256 (RFC 2104).
public enum HMACSHA256 {
    /// The 32-byte code of `message` under `key`, which may have any length.
    public static func code(of message: [UInt8], key: [UInt8]) -> [UInt8] {
        // OpenSSL takes a null key for "the key of the last call", so an empty one must point somewhere.
        let paddedKey = key.isEmpty ? [0] : key
        let keySpan = paddedKey.span
        let messageSpan = message.span
        return unsafe [UInt8](unsafeUninitializedCapacity: SHA256.byteCount) { output, count in
            // `unsafe`: the pointers live for the call, and `output` has the 32 bytes that it writes.
            let done = unsafe keySpan.withUnsafeBufferPointer { key in
                unsafe messageSpan.withUnsafeBufferPointer { message in
                    unsafe sluice_hmac_sha256(
                        LibCrypto.hmac,
                        key.baseAddress,
                        key.count,
                        message.baseAddress,
                        message.count,
                        output.baseAddress
                    )
                }
            }
            LibCrypto.require(done == 1, "HMAC-SHA256")
            count = SHA256.byteCount
        }
    }

    /// The code of the UTF-8 of `text` under `key`.
    public static func code(of text: String, key: [UInt8]) -> [UInt8] {
        code(of: Array(text.utf8), key: key)
    }
}

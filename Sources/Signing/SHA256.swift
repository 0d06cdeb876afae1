import COpenSSL

/// SHA-256 (FIPS 180-4).
public enum SHA256 {
    /// The length of a hash in bytes.
    public static let byteCount = 32

    /// The 32-byte hash of `bytes`.
    public static func hash(_ bytes: [UInt8]) -> [UInt8] {
        let span = bytes.span
        return unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { output, count in
            // `unsafe`: both pointers live for the call, and `output` has the 32 bytes that it writes.
            let done = unsafe span.withUnsafeBufferPointer { input in
                unsafe EVP_Digest(input.baseAddress, input.count, output.baseAddress, nil, LibCrypto.sha256, nil)
            }
            LibCrypto.require(done == 1, "SHA-256")
            count = byteCount
        }
    }

    /// The hash of the UTF-8 of `text`.
    public static func hash(_ text: String) -> [UInt8] {
        hash(Array(text.utf8))
    }
}

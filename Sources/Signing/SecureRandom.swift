import COpenSSL

/// Random bytes fit for keys and secrets, from OpenSSL's generator.
public enum SecureRandom {
    /// `count` random bytes.
    public static func bytes(_ count: Int) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: count) { output, initialized in
            // `unsafe`: `output` has the `count` bytes that it writes.
            LibCrypto.require(unsafe RAND_bytes_ex(nil, output.baseAddress, count, 256) == 1, "random bytes")
            initialized = count
        }
    }
}

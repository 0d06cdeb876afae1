import COpenSSL

/// Comparison whose duration says nothing about where two secrets differ.
public enum ConstantTime {
    /// Whether `a` and `b` are the same bytes. Only a difference in length shows in the time it takes.
    public static func equal(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        guard a.count == b.count else { return false }
        // `unsafe`: both pointers live for the call and have `a.count` bytes.
        return unsafe a.span.withUnsafeBytes { a in
            unsafe b.span.withUnsafeBytes { b in
                unsafe CRYPTO_memcmp(a.baseAddress, b.baseAddress, a.count) == 0
            }
        }
    }
}

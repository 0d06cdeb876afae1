import COpenSSL

/// A certificate: whose key it is, until when, and what that key signed.
///
/// `@safe`: the pointer is the object's own from `init` to `deinit`, and everything in between only reads it.
@safe public final class X509Certificate: Sendable {
    /// Keys with a shorter modulus verify nothing.
    public static let leastBits = 2048

    /// No file that a chain comes in has more.
    private static let most = 16

    /// The names in one line (RFC 2253).
    public let subject: String
    public let issuer: String

    /// From the first to the last second in which it holds, in Unix seconds.
    public let validity: ClosedRange<Int64>

    /// `unsafe`: a C pointer that `deinit` frees; OpenSSL lets many threads read one certificate.
    nonisolated(unsafe) let handle: OpaquePointer

    /// Takes the certificate over; nil, and it is freed, when it says no time.
    ///
    /// `unsafe`: the caller gives a valid pointer and keeps no use of it.
    private init?(_ handle: OpaquePointer) {
        var (first, last): (Int64, Int64) = (0, 0)
        let hasTimes =
            unsafe sluice_x509_time(X509_get0_notBefore(handle), &first) == 1
            && sluice_x509_time(X509_get0_notAfter(handle), &last) == 1
        guard hasTimes, first <= last else {
            unsafe X509_free(handle)
            return nil
        }
        validity = first...last
        subject = unsafe Self.text(X509_get_subject_name(handle))
        issuer = unsafe Self.text(X509_get_issuer_name(handle))
        unsafe self.handle = handle
    }

    deinit {
        // `unsafe`: nobody else has the pointer.
        unsafe X509_free(handle)
    }

    /// The certificates of a PEM text, in order; nil when there is none, more than 16, or one that cannot be read.
    public static func parse(pem: [UInt8]) -> [X509Certificate]? {
        var handles = unsafe [OpaquePointer?](repeating: nil, count: most)
        // `unsafe`: both pointers live for the call, which writes at most `most` certificates that are then ours.
        let count = unsafe pem.withUnsafeBufferPointer { text in
            unsafe handles.withUnsafeMutableBufferPointer { out in
                unsafe sluice_x509_read(
                    text.baseAddress,
                    Int32(clamping: text.count),
                    out.baseAddress,
                    Int32(most)
                )
            }
        }
        guard count > 0 else { return nil }
        let certificates = unsafe handles.compactMap { unsafe $0 }.compactMap { unsafe X509Certificate($0) }
        return certificates.count == Int(count) ? certificates : nil
    }

    /// Whether it holds at an instant in Unix seconds.
    public func isValid(at unixSeconds: Int64) -> Bool { validity.contains(unixSeconds) }

    /// Whether it is for that host: a name of its own, without wildcards, in its alternative names or its subject.
    public func isFor(host: String) -> Bool {
        let flags = UInt32(X509_CHECK_FLAG_NO_WILDCARDS | X509_CHECK_FLAG_ALWAYS_CHECK_SUBJECT)
        let name = host.utf8.map { CChar(bitPattern: $0) }
        // `unsafe`: the pointer lives for the call and has as many bytes as it says.
        return unsafe !name.isEmpty
            && name.withUnsafeBufferPointer { name in
                unsafe X509_check_host(handle, name.baseAddress, name.count, flags, nil) == 1
            }
    }

    /// Whether its RSA key signed `message` so (RSASSA-PKCS1-v1_5, RFC 8017 section 8.2).
    public func verifies(_ signature: [UInt8], of message: [UInt8], digest: SigningKey.Digest) -> Bool {
        // `unsafe`: the pointers live for the call and have as many bytes as it says.
        unsafe signature.withUnsafeBufferPointer { signature in
            unsafe message.withUnsafeBufferPointer { message in
                unsafe sluice_x509_verify(
                    handle,
                    digest.rawValue,
                    Int32(Self.leastBits),
                    signature.baseAddress,
                    signature.count,
                    message.baseAddress,
                    message.count
                ) == 1
            }
        }
    }

    /// `unsafe`: the caller gives a name that lives for the call, which writes at most `capacity` bytes.
    private static func text(_ name: OpaquePointer?) -> String {
        let capacity = 512
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { output, count in
            let written = unsafe output.withMemoryRebound(to: CChar.self) { output in
                unsafe sluice_x509_name(name, output.baseAddress, Int32(capacity))
            }
            count = Int(written)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

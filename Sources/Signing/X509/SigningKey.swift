import COpenSSL

/// An RSA key and the certificate that says whose it is: signs as SNS does (RSASSA-PKCS1-v1_5, RFC 8017 section 8.2).
/// It stands in for Amazon's in development and tests.
///
/// `@safe`: both pointers are made in `init`, freed in `deinit`, and only read in between.
@safe public final class SigningKey: Sendable {
    /// What is signed: SNS's signature version 1 has SHA-1, version 2 SHA-256.
    public enum Digest: String, Sendable {
        case sha1 = "SHA1"
        case sha256 = "SHA256"
    }

    private static let pemCapacity = 1 << 15

    /// The certificate alone, as PEM.
    public let certificatePEM: String

    /// `unsafe`: a C pointer that is ours alone and freed by `deinit`; OpenSSL lets many threads sign with one key.
    nonisolated(unsafe) private let key: OpaquePointer

    /// `unsafe`: as ``key``; it is only read.
    nonisolated(unsafe) private let certificate: OpaquePointer

    /// Makes a key and a certificate that it signs itself, valid between two instants in Unix seconds.
    public init(
        generating name: String,
        organisation: String,
        bits: Int = 2048,
        notBefore: Int64,
        notAfter: Int64
    ) {
        let serial = SecureRandom.bytes(4).reduce(1) { $0 << 8 | Int($1) }
        guard let key = unsafe sluice_rsa_generate(bits),
            let certificate = unsafe sluice_self_signed(
                key,
                name,
                organisation,
                serial,
                time_t(notBefore),
                time_t(notAfter)
            )
        else { preconditionFailure("OpenSSL's libcrypto failed at making an RSA key: check its installation") }
        unsafe self.key = key
        unsafe self.certificate = certificate
        certificatePEM = unsafe Self.text(key: nil, certificate: certificate)
    }

    /// Reads the first private key and the first certificate of a PEM text; `nil` where one is missing or is not the
    /// other's.
    public init?(pem: String) {
        let bytes = pem.utf8.map { CChar(bitPattern: $0) }
        // `unsafe`: the pointer lives for both calls, which copy what they need.
        let (key, certificate) = unsafe bytes.withUnsafeBufferPointer { text in
            unsafe (
                sluice_pem_key(text.baseAddress, Int32(clamping: text.count)),
                sluice_pem_certificate(text.baseAddress, Int32(clamping: text.count))
            )
        }
        guard let key = unsafe key, let certificate = unsafe certificate,
            unsafe X509_check_private_key(certificate, key) == 1, unsafe EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA
        else {
            unsafe EVP_PKEY_free(key)
            unsafe X509_free(certificate)
            return nil
        }
        unsafe self.key = key
        unsafe self.certificate = certificate
        certificatePEM = unsafe Self.text(key: nil, certificate: certificate)
    }

    deinit {
        // `unsafe`: nobody else has the pointers.
        unsafe EVP_PKEY_free(key)
        unsafe X509_free(certificate)
    }

    /// The private key and the certificate as PEM: what ``init(pem:)`` reads. Keep it secret.
    public var pem: String { unsafe Self.text(key: key, certificate: certificate) }

    /// The signature of `message`, as long as the key.
    public func signature(of message: [UInt8], digest: Digest) -> [UInt8] {
        let span = message.span
        let size = unsafe Int(EVP_PKEY_get_size(key))
        return unsafe [UInt8](unsafeUninitializedCapacity: size) { output, count in
            // `unsafe`: both pointers live for the call, and `output` has the `size` bytes that it may write.
            var written = size
            let done = unsafe span.withUnsafeBufferPointer { input in
                unsafe sluice_sign(key, digest.rawValue, input.baseAddress, input.count, output.baseAddress, &written)
            }
            LibCrypto.require(done == 1, "signing with RSA")
            count = written
        }
    }

    private static func text(key: OpaquePointer?, certificate: OpaquePointer) -> String {
        let bytes = unsafe [CChar](unsafeUninitializedCapacity: pemCapacity) { output, count in
            // `unsafe`: `output` has the bytes that it may write.
            count = unsafe sluice_pem_write(key, certificate, output.baseAddress, pemCapacity)
        }
        LibCrypto.require(!bytes.isEmpty, "writing PEM")
        return String(decoding: bytes.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

import COpenSSL

/// The algorithms fetched from OpenSSL once per process: a fetch costs more than hashing a short message.
enum LibCrypto {
    /// SHA-256.
    ///
    /// `unsafe`: a C pointer. It is never freed, and OpenSSL lets many threads use one fetched algorithm at once.
    nonisolated(unsafe) static let sha256 = unsafe EVP_MD_fetch(nil, "SHA256", nil)

    /// HMAC.
    ///
    /// `unsafe`: as ``sha256``.
    nonisolated(unsafe) static let hmac = unsafe EVP_MAC_fetch(nil, "HMAC", nil)

    /// AES-256-GCM.
    ///
    /// `unsafe`: as ``sha256``.
    nonisolated(unsafe) static let aes256GCM = unsafe EVP_CIPHER_fetch(nil, "AES-256-GCM", nil)

    /// Ends the process when OpenSSL refuses what every build of it offers: going on would mean unsigned or guessable.
    static func require(_ done: Bool, _ what: StaticString) {
        precondition(done, "OpenSSL's libcrypto failed at \(what): check its installation and openssl.cnf")
    }
}

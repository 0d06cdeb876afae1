import COpenSSL

/// The authorities whose certificates are believed.
///
/// `@safe`: the pointer is the object's own from `init` to `deinit`.
@safe public final class TrustStore: Sendable {
    /// How far a certificate's chain was followed.
    public enum Chain: Hashable, Sendable {
        /// To one of the authorities.
        case complete
        /// Not at all: the certificate of its issuer is neither here nor beside it.
        case issuerMissing
        /// It is not to be believed, for this reason.
        case broken(String)
    }

    /// `unsafe`: a C pointer that `deinit` frees; OpenSSL locks the store itself.
    nonisolated(unsafe) private let handle: OpaquePointer

    /// The system's authorities (`SSL_CERT_FILE` and `SSL_CERT_DIR` where set).
    public static func system() -> TrustStore {
        let store = TrustStore(roots: [])
        // `unsafe`: the store is ours. Where there are no authorities it stays empty, and nothing is believed.
        unsafe _ = X509_STORE_set_default_paths(store.handle)
        return store
    }

    public init(roots: [X509Certificate]) {
        guard let store = unsafe X509_STORE_new() else {
            preconditionFailure("OpenSSL's libcrypto failed at a trust store: there is no memory")
        }
        // `unsafe`: the store counts a reference of its own to each certificate.
        for root in roots { LibCrypto.require(unsafe X509_STORE_add_cert(store, root.handle) == 1, "a trust store") }
        unsafe handle = store
    }

    deinit {
        // `unsafe`: nobody else has the pointer.
        unsafe X509_STORE_free(handle)
    }

    /// Follows the chain of `certificate` through `others` at an instant in Unix seconds.
    public func chain(of certificate: X509Certificate, through others: [X509Certificate], at unixSeconds: Int64)
        -> Chain
    {
        var handles = unsafe others.map { unsafe Optional($0.handle) }
        var depth: Int32 = 0
        // `unsafe`: the certificates live for the call, which only reads them.
        let result = unsafe handles.withUnsafeMutableBufferPointer { others in
            unsafe sluice_x509_chain(
                handle,
                certificate.handle,
                others.baseAddress,
                Int32(others.count),
                time_t(unixSeconds),
                &depth
            )
        }
        switch result {
        case X509_V_OK: return .complete
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY where depth == 0,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE where depth == 0:
            return .issuerMissing
        default:
            // `unsafe`: a text that OpenSSL keeps for good.
            return .broken(unsafe String(cString: X509_verify_cert_error_string(Int(result))))
        }
    }
}

import Signing

/// Whether a certificate that was fetched from SNS's own host may sign for it.
struct CertificatePolicy: Sendable {
    let roots: TrustStore

    /// Why not, or nil.
    ///
    /// SNS serves the certificate alone, without the one of its issuer (robbiet480/go.sns#8), so that a chain cannot be
    /// built from it as a rule. Then the connection vouches for it, on which the same host proved itself to the same roots. A chain
    /// that is there must hold; what signs itself is refused.
    func objection(to chain: [X509Certificate], origin: SNSOrigin, at unixSeconds: Int64) -> String? {
        guard let leaf = chain.first else { return "it has no certificate" }
        guard leaf.isValid(at: unixSeconds) else { return "it is not valid now" }
        guard origin.certificateNames.contains(where: leaf.isFor(host:)) else {
            return "it is not for \(origin.certificateNames[0])"
        }
        switch roots.chain(of: leaf, through: Array(chain.dropFirst()), at: unixSeconds) {
        case .complete, .issuerMissing: return nil
        case .broken(let reason): return reason
        }
    }
}

import FoundationEssentials
import Signing

/// Whether SNS, or whom the operator trusts beside it, signed an envelope.
struct SNSVerifier: Sendable {
    enum Verdict: Hashable {
        case authentic
        /// Nobody who is trusted signed it so.
        case forged(String)
        /// It cannot be said just now.
        case unknown(String)
    }

    /// Certificates of the operator's choice. What verifies under one of them needs no URL.
    let trusted: [X509Certificate]
    let certificates: SigningCertificates

    func verdict(on envelope: SNSEnvelope, now: Date) async -> Verdict {
        let digest: SigningKey.Digest
        switch envelope.signatureVersion {
        case "1": digest = .sha1
        case "2": digest = .sha256
        default: return .forged("SignatureVersion is neither 1 nor 2")
        }
        guard let signature = envelope.signatureBytes, !signature.isEmpty else {
            return .forged("Signature is missing or not base 64")
        }
        let text = envelope.signedText
        let byTrusted = trusted.filter { $0.verifies(signature, of: text, digest: digest) }
        if byTrusted.contains(where: { $0.isValid(at: now.unixSeconds) }) { return .authentic }
        if !byTrusted.isEmpty { return .forged("the trusted certificate that it was signed with is not valid now") }

        guard let url = envelope.signingCertURL, let origin = SNSOrigin(topic: envelope.topic),
            origin.isCertificate(url)
        else {
            return .forged("no trusted certificate verifies it, and SigningCertURL is not SNS's in the topic's region")
        }
        do throws(SigningCertificates.Failure) {
            let certificate = try await certificates.certificate(at: url, origin: origin, now: now)
            return certificate.verifies(signature, of: text, digest: digest)
                ? .authentic : .forged("the signature is not of this text, or not by SNS's key")
        } catch {
            switch error {
            case .unavailable(let detail): return .unknown(detail)
            case .refused(let detail): return .forged(detail)
            }
        }
    }
}

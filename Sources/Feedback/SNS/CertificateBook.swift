import FoundationEssentials
import Signing

/// What is known of the URLs of certificates, each list bounded and in the order of use.
struct CertificateBook {
    private struct Failed {
        let url: String
        let failure: SigningCertificates.Failure
        let until: Date
    }

    static let capacity = 64

    /// A refusal stays; a fault of the network is tried again before SNS gives up (three repeats in a minute).
    static let refusedFor = 60.0
    static let unavailableFor = 5.0

    private var known: [(url: String, certificate: X509Certificate)] = []
    private var failed: [Failed] = []

    /// The certificate, or why there is none, unless `url` is to be fetched.
    mutating func find(_ url: String, now: Date) -> SigningCertificates.Answer? {
        known.removeAll { !$0.certificate.isValid(at: now.unixSeconds) }
        failed.removeAll { $0.until <= now }
        if let index = known.firstIndex(where: { $0.url == url }) {
            let entry = known.remove(at: index)
            known.append(entry)
            return .success(entry.certificate)
        }
        return failed.first { $0.url == url }.map { .failure($0.failure) }
    }

    mutating func keep(_ answer: SigningCertificates.Answer, for url: String, now: Date) {
        switch answer {
        case .success(let certificate):
            if known.count >= Self.capacity { known.removeFirst() }
            known.append((url, certificate))
        case .failure(let failure):
            let seconds =
                switch failure {
                case .refused: Self.refusedFor
                case .unavailable: Self.unavailableFor
                }
            if failed.count >= Self.capacity { failed.removeFirst() }
            failed.append(Failed(url: url, failure: failure, until: now.addingTimeInterval(seconds)))
        }
    }
}

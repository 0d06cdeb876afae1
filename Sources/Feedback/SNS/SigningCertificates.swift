import FoundationEssentials
import Signing
import Synchronization

/// The certificates that SNS signs with, by URL: each fetched once, however many messages wait for it.
///
/// Bounded: 64 certificates, the one used longest ago goes first. A URL that gave none is not asked again for a while, and
/// at most four are asked at once; neither ever pushes a good certificate out.
final class SigningCertificates: Sendable {
    /// Why there is no certificate.
    enum Failure: Error, Hashable {
        /// It may be there in a moment.
        case unavailable(String)
        /// There is none, or one that may not sign.
        case refused(String)
    }

    /// Fetches the bytes behind a URL that is known to be SNS's.
    typealias Fetch = @Sendable (String) async throws(Failure) -> [UInt8]

    typealias Answer = Result<X509Certificate, Failure>

    private enum Turn {
        case answer(Answer)
        /// The caller is the one to fetch it.
        case fetch
    }

    private struct State {
        var book = CertificateBook()
        /// Who waits for a URL that is being fetched.
        var waiting: [String: [CheckedContinuation<Turn, Never>]] = [:]
    }

    private static let fetchesAtOnce = 4

    private let policy: CertificatePolicy
    private let fetch: Fetch
    private let state = Mutex(State())

    init(policy: CertificatePolicy, fetch: @escaping Fetch) {
        self.policy = policy
        self.fetch = fetch
    }

    /// The certificate at `url`, which ``SNSOrigin/isCertificate(_:)`` holds to be SNS's.
    func certificate(at url: String, origin: SNSOrigin, now: Date) async throws(Failure) -> X509Certificate {
        let turn: Turn = await withCheckedContinuation { continuation in
            let turn: Turn? = state.withLock { state in
                if let known = state.book.find(url, now: now) { return .answer(known) }
                if state.waiting[url] != nil {
                    state.waiting[url]?.append(continuation)
                    return nil
                }
                guard state.waiting.count < Self.fetchesAtOnce else {
                    return .answer(.failure(.unavailable("too many certificates are being fetched")))
                }
                state.waiting[url] = []
                return .fetch
            }
            if let turn { continuation.resume(returning: turn) }
        }
        if case .answer(let answer) = turn { return try answer.get() }
        let answer = await load(url, origin: origin, now: now)
        let waiters = state.withLock { state in
            // A caller that went away says nothing of the URL.
            if !Task.isCancelled { state.book.keep(answer, for: url, now: now) }
            return state.waiting.removeValue(forKey: url) ?? []
        }
        for waiter in waiters { waiter.resume(returning: .answer(answer)) }
        return try answer.get()
    }

    private func load(_ url: String, origin: SNSOrigin, now: Date) async -> Answer {
        do throws(Failure) {
            let bytes = try await fetch(url)
            guard let chain = X509Certificate.parse(pem: bytes) else {
                throw .unavailable("what SigningCertURL leads to just now is no certificate")
            }
            if let objection = policy.objection(to: chain, origin: origin, at: now.unixSeconds) {
                throw .refused("the certificate at SigningCertURL is not to be trusted: \(objection)")
            }
            return .success(chain[0])
        } catch {
            return .failure(error)
        }
    }
}

extension Date {
    /// Whole seconds since 1970.
    var unixSeconds: Int64 { Int64(timeIntervalSince1970.rounded(.down)) }
}

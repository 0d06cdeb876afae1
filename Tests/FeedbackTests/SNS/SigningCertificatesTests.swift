import Foundation
import Outbound
import Signing
import Synchronization
import Testing

@testable import Feedback

@Suite("Fetching SNS's certificates")
struct SigningCertificatesTests {
    /// A little later than any certificate that a test makes begins.
    private let now = Date().addingTimeInterval(300)

    private func origin() throws -> SNSOrigin { try #require(SNSOrigin(topic: TestEnvelope.topic)) }

    /// Fetches that a test lets go on.
    private final class Gate: Sendable {
        private struct State {
            var urls: [String] = []
            var held: [CheckedContinuation<Void, Never>] = []
            var isOpen = false
        }

        private let state = Mutex(State())

        var urls: [String] { state.withLock { $0.urls } }

        func pass(_ url: String) async {
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    state.urls.append(url)
                    if !state.isOpen { state.held.append(continuation) }
                    return state.isOpen
                }
                if isOpen { continuation.resume() }
            }
        }

        func open() {
            let held = state.withLock { state in
                state.isOpen = true
                defer { state.held = [] }
                return state.held
            }
            for continuation in held { continuation.resume() }
        }
    }

    private func wait(_ condition: () -> Bool) async throws {
        for _ in 0..<6000 where !condition() { try await Task.sleep(for: .milliseconds(10)) }
        try #require(condition())
    }

    @Test("One fetch for all who wait; more than four at once are put off")
    func singleFlight() async throws {
        let authority = try TestAuthority()
        let leaf = try authority.issue("sns.amazonaws.com")
        let gate = Gate()
        let certificates = SigningCertificates(policy: .init(roots: TrustStore(roots: authority.root.key.certificates)))
        {
            (url) async throws(SigningCertificates.Failure) in
            await gate.pass(url)
            return Array(leaf.pem.utf8)
        }
        let origin = try origin()
        let subjects = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<200 {
                group.addTask {
                    try await certificates.certificate(at: "u\(number % 4)", origin: origin, now: now).subject
                }
            }
            try await wait { gate.urls.count == 4 }
            let fifth = await #expect(throws: SigningCertificates.Failure.self) {
                try await certificates.certificate(at: "u5", origin: origin, now: now)
            }
            #expect(fifth == .unavailable("too many certificates are being fetched"))
            gate.open()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(subjects.count == 200)
        #expect(gate.urls.sorted() == ["u0", "u1", "u2", "u3"])
        _ = try await certificates.certificate(at: "u5", origin: origin, now: now)
        #expect(gate.urls.count == 5, "being put off is not remembered")
    }

    @Test("A refusal is remembered for a minute, a fault of the network for five seconds, a certificate until it ends")
    func memory() async throws {
        let authority = try TestAuthority()
        let leaf = try authority.issue("sns.amazonaws.com")
        let replies = Mutex<[String: Result<String, SigningCertificates.Failure>]>([
            "bad": .failure(.refused("404")), "down": .failure(.unavailable("down")), "good": .success(leaf.pem),
        ])
        let count = Mutex<[String: Int]>([:])
        let certificates = SigningCertificates(policy: .init(roots: TrustStore(roots: authority.root.key.certificates)))
        {
            (url) async throws(SigningCertificates.Failure) in
            count.withLock { $0[url, default: 0] += 1 }
            return try Array((replies.withLock { $0[url] } ?? .failure(.refused("none"))).get().utf8)
        }
        let origin = try origin()
        func ask(_ url: String, after seconds: Double) async -> Bool {
            (try? await certificates.certificate(at: url, origin: origin, now: now.addingTimeInterval(seconds))) != nil
        }
        for seconds in [0.0, 1, 4.9, 5.1, 59, 61] {
            _ = await ask("bad", after: seconds)
            _ = await ask("down", after: seconds)
            #expect(await ask("good", after: seconds))
        }
        #expect(count.withLock { $0 } == ["bad": 2, "down": 3, "good": 1])
        #expect(await !ask("good", after: 3 * 86_400), "it has expired")
        #expect(count.withLock { $0["good"] } == 2, "and is asked for again")
    }

    @Test("Only a certificate that may not sign is refused; what is none may be one in a moment")
    func nonsense() async throws {
        let authority = try TestAuthority()
        let other = try authority.issue("sqs.amazonaws.com").pem
        let origin = try origin()
        for (bytes, isRefused) in [
            ("<html>log in</html>", false), ("", false), (String(other.prefix(200)), false), (other, true),
        ] {
            let certificates = SigningCertificates(
                policy: .init(roots: TrustStore(roots: authority.root.key.certificates))
            ) { (_) async throws(SigningCertificates.Failure) in Array(bytes.utf8) }
            let failure = await #expect(throws: SigningCertificates.Failure.self) {
                try await certificates.certificate(at: "u", origin: origin, now: now)
            }
            if case .refused = failure { #expect(isRefused, "\(bytes)") } else { #expect(!isRefused, "\(bytes)") }
        }
    }

    @Test("64 are kept, those used last; failures push none out")
    func bounded() throws {
        let certificate = try #require(TestKeys.trusted.certificates.first)
        var book = CertificateBook()
        for number in 0..<64 { book.keep(.success(certificate), for: "u\(number)", now: now) }
        _ = book.find("u0", now: now)
        for number in 0..<500 { book.keep(.failure(.refused("x")), for: "bad\(number)", now: now) }
        book.keep(.success(certificate), for: "new", now: now)
        let isKept = ["u0", "u1", "u2", "new", "bad499", "bad0"].map { book.find($0, now: now) != nil }
        #expect(isKept == [true, false, true, true, true, false])
    }

    @Test("What the fetch does with each answer")
    func answers() async throws {
        let giant = String(repeating: "x", count: CertificateFetch.longest + 1)
        let server = try LoopbackServer { request in
            switch request.target {
            case "/good.pem": .status(200, "PEM")
            case "/302.pem": .status(302, "", headers: ["Location": "/good.pem"])
            case "/giant.pem": .status(200, giant)
            case "/reset.pem": .hangUp(afterBody: true)
            default: .status(Int(request.target.dropFirst().prefix(3)) ?? 500, "PEM")
            }
        }
        let fetch = CertificateFetch(http: TestHTTP.client)
        #expect(try await fetch(server.url + "/good.pem") == Array("PEM".utf8))
        // Only SNS says that there is none; a proxy or a portal in between says all else.
        for (path, isRefused) in [
            ("/404.pem", true), ("/302.pem", false), ("/400.pem", false), ("/401.pem", false), ("/403.pem", false),
            ("/407.pem", false), ("/408.pem", false), ("/429.pem", false), ("/503.pem", false), ("/giant.pem", false),
            ("/reset.pem", false),
        ] {
            let failure = await #expect(throws: SigningCertificates.Failure.self) { try await fetch(server.url + path) }
            if case .refused = failure { #expect(isRefused, "\(path)") } else { #expect(!isRefused, "\(path)") }
        }
        #expect(server.requests.filter { $0.target == "/good.pem" }.count == 1, "a redirect is not followed")
        server.stop()
    }

    @Test("The operator's files are read, or named")
    func files() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let good = folder.appending(path: "good.crt")
        try Data((TestKeys.trusted.certificatePEM + TestKeys.stranger.certificatePEM).utf8).write(to: good)
        #expect(try TrustedCertificates.load([good.path]).count == 2)
        #expect(try TrustedCertificates.load([]).isEmpty)
        let bad = folder.appending(path: "bad.crt")
        try Data("x".utf8).write(to: bad)
        for path in [bad.path, folder.appending(path: "none.crt").path] {
            let error = #expect(throws: FeedbackError.self) { try TrustedCertificates.load([path]) }
            #expect(error?.message.contains(path) == true)
        }
    }
}

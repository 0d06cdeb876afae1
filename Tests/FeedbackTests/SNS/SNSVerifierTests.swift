import Foundation
import Signing
import Synchronization
import Testing

@testable import Feedback

@Suite("Who signed an envelope")
struct SNSVerifierTests {
    /// A little later than any certificate that a test makes begins.
    private let now = Date().addingTimeInterval(300)

    /// Counts what is fetched.
    private final class Fetches: Sendable {
        let urls = Mutex<[String]>([])
    }

    private func verifier(
        trusted: [X509Certificate] = [],
        roots: [X509Certificate] = [],
        fetches: Fetches = Fetches(),
        pem: String? = nil
    ) -> SNSVerifier {
        SNSVerifier(
            trusted: trusted,
            certificates: SigningCertificates(policy: CertificatePolicy(roots: TrustStore(roots: roots))) {
                (url) async throws(SigningCertificates.Failure) in
                fetches.urls.withLock { $0.append(url) }
                guard let pem else { throw .unavailable("no network") }
                return Array(pem.utf8)
            }
        )
    }

    private func isAuthentic(_ verifier: SNSVerifier, _ envelope: TestEnvelope, at date: Date? = nil) async -> Bool {
        guard let parsed = try? envelope.envelope else { return false }
        return await verifier.verdict(on: parsed, now: date ?? now) == .authentic
    }

    private static let cases = ["1", "2"].flatMap { version in
        ["Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"].map { ($0, version) }
    }

    @Test("Each kind in each version verifies, and with any signed member altered it does not", arguments: cases)
    func tampering(type: String, version: String) async {
        let verifier = verifier(trusted: TestKeys.trusted.certificates)
        let signed = TestEnvelope(type, version: version).signed(by: TestKeys.trusted)
        #expect(await isAuthentic(verifier, signed))
        for name in signed.signedNames {
            let value = signed.members[name] ?? ""
            for changed in [value + " ", String(value.dropLast()), value.uppercased() + "x", "", nil] {
                #expect(await !isAuthentic(verifier, signed.with(name, changed)), "\(name)")
            }
        }
        for changed in [nil, "", "0", "3", "2.0", " 2", version == "1" ? "2" : "1"] {
            #expect(await !isAuthentic(verifier, signed.with("SignatureVersion", changed)))
        }
        let signature = signed.members["Signature"] ?? ""
        for changed in [nil, "", "!", "AAAA", String(signature.dropLast(4)), signature + signature] {
            #expect(await !isAuthentic(verifier, signed.with("Signature", changed)))
        }
        #expect(await !isAuthentic(verifier, TestEnvelope(type, version: version).signed(by: TestKeys.stranger)))
    }

    @Test("A subject that was left out or put in is an alteration")
    func subject() async {
        let verifier = verifier(trusted: TestKeys.trusted.certificates)
        let without = TestEnvelope(subject: nil).signed(by: TestKeys.trusted)
        #expect(await isAuthentic(verifier, without))
        #expect(await !isAuthentic(verifier, without.with("Subject", "x")))
        #expect(await !isAuthentic(verifier, without.with("Subject", "")))
    }

    @Test("One signed text is one envelope: lines cannot move from one member to another")
    func lines() async {
        let verifier = verifier(trusted: TestKeys.trusted.certificates)
        let valid = TestEnvelope(message: "a\nMessageId\nb").signed(by: TestKeys.trusted)
        #expect(await isAuthentic(verifier, valid))
        let id = valid.members["MessageId"] ?? ""
        let subject = valid.members["Subject"] ?? ""
        let moved = [
            valid.with("Message", "a").with("MessageId", "b\nMessageId\n\(id)"),
            valid.with("MessageId", "\(id)\nSubject\n\(subject)").with("Subject", nil),
        ]
        for envelope in moved { #expect(await !isAuthentic(verifier, envelope)) }
    }

    @Test("Members that are not signed may change")
    func unsigned() async {
        let verifier = verifier(trusted: TestKeys.trusted.certificates)
        let signed = TestEnvelope().signed(by: TestKeys.trusted)
        for name in ["UnsubscribeURL", "SigningCertURL", "Else"] {
            #expect(await isAuthentic(verifier, signed.with(name, "https://evil.example/x.pem")))
        }
    }

    @Test("What a trusted certificate verifies is never fetched; out of its time it verifies nothing")
    func trusted() async {
        let fetches = Fetches()
        let key = TestKeys.trusted
        let verifier = verifier(
            trusted: TestKeys.stranger.certificates + key.certificates,
            fetches: fetches,
            pem: key.certificatePEM
        )
        let signed = TestEnvelope().signed(by: key)
        #expect(await isAuthentic(verifier, signed))
        #expect(await !isAuthentic(verifier, signed, at: now.addingTimeInterval(2 * 86_400)))
        #expect(await !isAuthentic(verifier, signed, at: now.addingTimeInterval(-7200)))
        #expect(fetches.urls.withLock { $0 }.isEmpty)
    }

    @Test("Only SNS's own URL is fetched, and only in the topic's region")
    func foreignURL() async {
        let fetches = Fetches()
        let verifier = verifier(fetches: fetches, pem: TestKeys.stranger.certificatePEM)
        let signed = TestEnvelope().signed(by: TestKeys.stranger)
        for url in [
            "https://evil.example/SimpleNotificationService-1.pem", "", nil,
            "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem",
            "https://sns.eu-central-1.amazonaws.com.evil.example/SimpleNotificationService-1.pem",
            "https://sns.eu-central-1.amazonaws.com@evil.example/SimpleNotificationService-1.pem",
        ] {
            #expect(await !isAuthentic(verifier, signed.with("SigningCertURL", url)))
        }
        #expect(fetches.urls.withLock { $0 }.isEmpty)
    }

    @Test("A certificate of SNS that was fetched verifies; alone, and with its chain")
    func fetched() async throws {
        let authority = try TestAuthority()
        let middle = try authority.issue("Middle", isAuthority: true)
        let leaf = try authority.issue("sns.amazonaws.com", names: ["sns.amazonaws.com"], by: middle)
        let roots = authority.root.key.certificates
        let signed = TestEnvelope().signed(by: leaf.key)
        for pem in [leaf.pem, leaf.pem + middle.pem] {
            #expect(await isAuthentic(verifier(roots: roots, pem: pem), signed))
        }
        let forged = TestEnvelope().signed(by: TestKeys.stranger)
        #expect(await !isAuthentic(verifier(roots: roots, pem: leaf.pem), forged))
        let tomorrow = now.addingTimeInterval(3 * 86_400)
        #expect(await !isAuthentic(verifier(roots: roots, pem: leaf.pem), signed, at: tomorrow), "expired")
    }

    @Test("A certificate for another name, by a stranger, or below a broken chain is none of SNS's")
    func untrusted() async throws {
        let authority = try TestAuthority()
        let roots = authority.root.key.certificates
        let plain = try authority.issue("Plain")
        let strangers = try TestAuthority()
        let theirs = try strangers.issue("sns.amazonaws.com")
        for (identity, pem) in [
            (try authority.issue("sqs.amazonaws.com"), nil),
            (try authority.issue("sns.amazonaws.com.evil.example"), nil),
            (try authority.issue("sns.eu-west-1.amazonaws.com"), nil),
            (try authority.selfSigned("sns.amazonaws.com"), nil),
            (theirs, theirs.pem + strangers.root.pem),
            (try authority.issue("sns.amazonaws.com", by: plain), plain.pem),
        ] {
            let text = pem.map { $0.hasPrefix(identity.pem) ? $0 : identity.pem + $0 } ?? identity.pem
            let signed = TestEnvelope().signed(by: identity.key)
            #expect(await !isAuthentic(verifier(roots: roots, pem: text), signed))
        }
        for pem in ["", "no certificate", plain.pem.replacing("MII", with: "MIX")] {
            let verdict = await verifier(pem: pem).verdict(
                on: try TestEnvelope().with("Signature", "AAAA").envelope,
                now: now
            )
            #expect(verdict == .unknown("what SigningCertURL leads to just now is no certificate"))
        }
    }

    @Test("Without the network nothing is said")
    func unknown() async throws {
        let signed = TestEnvelope().signed(by: TestKeys.stranger)
        #expect(await verifier().verdict(on: try signed.envelope, now: now) == .unknown("no network"))
    }

    @Test("10,000 mutations of a valid envelope neither crash nor verify")
    func mutations() async {
        var random = SeededGenerator(seed: 20_261_121)
        let verifier = verifier(trusted: TestKeys.trusted.certificates)
        let valid = TestEnvelope(version: "2").signed(by: TestKeys.trusted)
        let (signed, signature) = (try? valid.envelope).map { ($0.signedText, $0.signatureBytes) } ?? ([], nil)
        #expect(!signed.isEmpty && signature != nil)
        var verified = 0
        var parsed = 0
        for _ in 0..<10_000 {
            var body = valid.body
            for _ in 0..<Int.random(in: 1...4, using: &random) { Self.mutate(&body, using: &random) }
            guard let envelope = try? SNSEnvelope(body) else { continue }
            parsed += 1
            // The same text under the same signature is the same message, whatever became of the rest.
            if envelope.signedText == signed, envelope.signatureBytes == signature { continue }
            if await verifier.verdict(on: envelope, now: now) == .authentic { verified += 1 }
        }
        #expect(verified == 0)
        #expect(parsed > 500, "most mutations must not end in the parser")
    }

    private static func mutate(_ body: inout [UInt8], using random: inout SeededGenerator) {
        guard !body.isEmpty else { return }
        let index = Int.random(in: 0..<body.count, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: body[index] = UInt8.random(in: 0...255, using: &random)
        case 1: body[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2: body.remove(at: index)
        case 3: body.insert(UInt8.random(in: 0x20...0x7E, using: &random), at: index)
        case 4: body.swapAt(index, Int.random(in: 0..<body.count, using: &random))
        default:
            let end = min(body.count, index + Int.random(in: 1...40, using: &random))
            body.insert(contentsOf: body[index..<end], at: Int.random(in: 0...body.count, using: &random))
        }
    }
}

/// SplitMix64.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

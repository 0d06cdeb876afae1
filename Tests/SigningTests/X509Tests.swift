import Foundation
import Signing
import Testing

@Suite("Certificates")
struct X509Tests {
    /// A little later than any certificate that a test makes begins.
    private let now = Int64(Date().timeIntervalSince1970) + 300

    private func certificate(_ identity: TestAuthority.Identity) throws -> X509Certificate {
        try #require(X509Certificate.parse(pem: Array(identity.pem.utf8))?.first)
    }

    @Test("What a certificate says of itself")
    func reading() throws {
        let authority = try TestAuthority()
        let leaf = try certificate(
            authority.issue("sns.amazonaws.com", names: ["sns.amazonaws.com", "*.wild.example"])
        )
        #expect(leaf.subject == "CN=sns.amazonaws.com")
        #expect(leaf.issuer == "CN=Test Root")
        #expect(leaf.validity.upperBound - leaf.validity.lowerBound == 2 * 86_400)
        #expect(leaf.isValid(at: now) && leaf.isValid(at: leaf.validity.upperBound))
        #expect(!leaf.isValid(at: leaf.validity.lowerBound - 1) && !leaf.isValid(at: leaf.validity.upperBound + 1))
        for (host, isRight) in [
            ("sns.amazonaws.com", true), ("SNS.amazonaws.com", true), ("sns.amazonaws.com.evil.example", false),
            ("amazonaws.com", false), ("a.wild.example", false), ("", false), ("sns.amazonaws.com\0.evil", false),
        ] {
            #expect(leaf.isFor(host: host) == isRight, "\(host)")
        }
        let plain = try certificate(authority.issue("only.subject.example"))
        #expect(plain.isFor(host: "only.subject.example"))
    }

    @Test("Only the whole signature of the whole text by the very key verifies")
    func verifying() throws {
        let authority = try TestAuthority()
        let identity = try authority.issue("a")
        let leaf = try certificate(identity)
        let other = try certificate(authority.issue("a"))
        let text = Array("Message\nhello\n".utf8)
        for digest in [SigningKey.Digest.sha1, .sha256] {
            let signature = identity.key.signature(of: text, digest: digest)
            #expect(leaf.verifies(signature, of: text, digest: digest))
            #expect(!leaf.verifies(signature, of: text, digest: digest == .sha1 ? .sha256 : .sha1))
            #expect(!leaf.verifies(signature, of: text.dropLast(), digest: digest))
            #expect(!leaf.verifies(signature.dropLast(), of: text, digest: digest))
            #expect(!leaf.verifies(signature + [0], of: text, digest: digest))
            #expect(!leaf.verifies([], of: text, digest: digest))
            #expect(!leaf.verifies([UInt8](repeating: 0, count: 256), of: text, digest: digest))
            #expect(!other.verifies(signature, of: text, digest: digest))
            for bit in stride(from: 0, to: signature.count * 8, by: 37) {
                var changed = signature
                changed[bit / 8] ^= 1 << UInt8(bit % 8)
                #expect(!leaf.verifies(changed, of: text, digest: digest))
            }
        }
    }

    @Test("A short key verifies nothing")
    func shortKey() throws {
        let authority = try TestAuthority()
        let identity = try authority.issue("a", bits: 1024)
        let text = Array("x".utf8)
        let signature = identity.key.signature(of: text, digest: .sha256)
        let short = try certificate(identity)
        #expect(!short.verifies(signature, of: text, digest: .sha256))
    }

    @Test("A chain ends at a root, or says where it broke")
    func chains() throws {
        let authority = try TestAuthority()
        let middle = try authority.issue("Middle", isAuthority: true)
        let leaf = try certificate(authority.issue("leaf", by: middle))
        let root = try certificate(authority.root)
        let between = try certificate(middle)
        let store = TrustStore(roots: [root])
        #expect(store.chain(of: leaf, through: [between], at: now) == .complete)
        #expect(store.chain(of: leaf, through: [], at: now) == .issuerMissing)
        #expect(store.chain(of: leaf, through: [root], at: now) == .issuerMissing)
        let late = store.chain(of: leaf, through: [between], at: now + 3 * 86_400)
        #expect(late == .broken("certificate has expired"))
        let early = store.chain(of: leaf, through: [between], at: now - 86_400)
        #expect(early == .broken("certificate is not yet valid"))
        let stranger = try certificate(authority.selfSigned("leaf"))
        #expect(store.chain(of: stranger, through: [], at: now).isBroken)
        // A root that nobody here knows, and a middle that is no authority.
        #expect(TrustStore(roots: []).chain(of: leaf, through: [between, root], at: now).isBroken)
        let plain = try authority.issue("Plain")
        let below = try certificate(authority.issue("leaf", by: plain))
        let noAuthority = try certificate(plain)
        #expect(store.chain(of: below, through: [noAuthority], at: now).isBroken)
        #expect(TrustStore.system().chain(of: stranger, through: [], at: now).isBroken)
    }

    @Test("A text that is no PEM, has a broken certificate or too many is refused")
    func malformed() throws {
        let pem = try TestAuthority().root.pem
        #expect(X509Certificate.parse(pem: Array(("notes\n" + pem + "more\n" + pem).utf8))?.count == 2)
        let broken = pem.replacing("MII", with: "MIJ", maxReplacements: 1)
        for text in ["", "x", broken, pem + broken, String(pem.dropLast(40)), String(repeating: pem, count: 17)] {
            #expect(X509Certificate.parse(pem: Array(text.utf8)) == nil)
        }
    }
}

extension TrustStore.Chain {
    fileprivate var isBroken: Bool {
        if case .broken = self { true } else { false }
    }
}

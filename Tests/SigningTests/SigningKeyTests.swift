import Foundation
import Signing
import Testing

struct SigningKeyTests {
    private static func key() -> SigningKey {
        SigningKey(
            generating: "sns.amazonaws.com",
            organisation: "Sluice simulator",
            notBefore: 1_700_000_000,
            notAfter: 4_000_000_000
        )
    }

    @Test func aKeySurvivesItsPEM() throws {
        let key = Self.key()
        let again = try #require(SigningKey(pem: key.pem))
        let message = Array("text".utf8)
        #expect(again.certificatePEM == key.certificatePEM)
        #expect(again.signature(of: message, digest: .sha256) == key.signature(of: message, digest: .sha256))
        #expect(key.signature(of: message, digest: .sha1) != key.signature(of: message, digest: .sha256))
        #expect(key.signature(of: [], digest: .sha256).count == 256)
    }

    @Test func theCertificateAloneHasNoSecret() {
        let key = Self.key()
        #expect(key.certificatePEM.hasPrefix("-----BEGIN CERTIFICATE-----\n"))
        #expect(!key.certificatePEM.contains("PRIVATE"))
        #expect(SigningKey(pem: key.certificatePEM) == nil)
    }

    @Test func keyAndCertificateBelongTogether() {
        let (first, second) = (Self.key(), Self.key())
        let end = first.pem.range(of: "-----END PRIVATE KEY-----\n").map(\.upperBound) ?? first.pem.startIndex
        #expect(SigningKey(pem: first.pem[..<end] + second.certificatePEM) == nil)
        #expect(SigningKey(pem: "") == nil)
        #expect(SigningKey(pem: "-----BEGIN CERTIFICATE-----\n") == nil)
    }

    @Test("Python's cryptography verifies", .enabled(if: Referee.python != nil, "SLUICE_REFEREES names no environment"))
    func cryptographyVerifies() throws {
        let key = Self.key()
        let message = Array("a text of two lines\nand ümlauts\n".utf8)
        let input: [String: String] = [
            "pem": key.certificatePEM,
            "message": Data(message).base64EncodedString(),
            "SHA1": Data(key.signature(of: message, digest: .sha1)).base64EncodedString(),
            "SHA256": Data(key.signature(of: message, digest: .sha256)).base64EncodedString(),
        ]
        let answer = try Referee.run(Self.script, input: JSONEncoder().encode(input))
        #expect(answer == "sns.amazonaws.com 2023 2096 refused\n")
    }

    private static let script = """
        import base64, json, sys
        from cryptography import x509
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding
        given = json.load(sys.stdin)
        certificate = x509.load_pem_x509_certificate(given["pem"].encode())
        certificate.verify_directly_issued_by(certificate)
        key = certificate.public_key()
        message = base64.b64decode(given["message"])
        for name in ("SHA1", "SHA256"):
            key.verify(base64.b64decode(given[name]), message, padding.PKCS1v15(), getattr(hashes, name)())
        word = "accepted"
        try:
            key.verify(base64.b64decode(given["SHA1"]), message + b"x", padding.PKCS1v15(), hashes.SHA1())
        except InvalidSignature:
            word = "refused"
        name = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value
        print(name, certificate.not_valid_before_utc.year, certificate.not_valid_after_utc.year, word)
        """
}

import Foundation
import Signing

/// Keys that many tests share: one takes a second to make.
enum TestKeys {
    static let trusted = key("Sluice simulator")
    static let stranger = key("sns.amazonaws.com")

    private static func key(_ name: String) -> SigningKey {
        let now = Int64(Date().timeIntervalSince1970)
        return SigningKey(
            generating: name,
            organisation: "Tests",
            notBefore: now - 3600,
            notAfter: now + 86_400
        )
    }
}

extension SigningKey {
    var certificates: [X509Certificate] { X509Certificate.parse(pem: Array(certificatePEM.utf8)) ?? [] }
}

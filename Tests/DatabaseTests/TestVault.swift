import Foundation
import Logging
import Postgres
import Signing
import Testing

@testable import Sealing

/// Vaults with keys from texts, as key files have them.
enum TestVault {
    static let first = line("first")
    static let second = line("second")

    static func line(_ name: String) -> String {
        "\(name) \(Data(SecureRandom.bytes(32)).base64EncodedString())\n"
    }

    /// - Parameter lines: of the key file; none: no key is configured.
    static func make(_ pool: PostgresPool, _ lines: String...) throws -> Vault {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let text = lines.joined()
        let file = text.isEmpty ? nil : try KeyFile(text: text, path: "test")
        return Vault(pool: pool, masters: MasterKeys(file: file, kms: nil), logger: logger)
    }
}

import Foundation
public import Signing

/// The key that the simulator signs with, kept in a file: one PEM with key and certificate, and beside it the certificate
/// alone, for those who are to trust it.
public enum SigningCertificate {
    private static let name = "sns.amazonaws.com"
    private static let organisation = "Sluice simulator, not Amazon"
    private static let years: Int64 = 10

    /// A key for this process alone.
    public static func make() -> SigningKey {
        let now = Int64(Date.now.timeIntervalSince1970)
        return SigningKey(
            generating: name,
            organisation: organisation,
            notBefore: now - 86_400,
            notAfter: now + years * 365 * 86_400
        )
    }

    /// Reads `path`; makes it, readable by its owner only, where there is no such file. Writes ``certificatePath(of:)``.
    ///
    /// Throws `invalidOption` where the file has something else, or cannot be written.
    public static func load(path: String) throws(SimulatorError) -> SigningKey {
        let key: SigningKey
        if FileManager.default.fileExists(atPath: path) {
            guard let text = try? String(contentsOf: URL(filePath: path), encoding: .utf8),
                let found = SigningKey(pem: text)
            else {
                throw SimulatorError(
                    .invalidOption,
                    "certificate: the file '\(path)' has no RSA key with its certificate; remove it, and another is made"
                )
            }
            key = found
        } else {
            key = make()
            try write(key.pem, to: path, permissions: 0o600)
        }
        let certificatePath = certificatePath(of: path)
        if (try? String(contentsOf: URL(filePath: certificatePath), encoding: .utf8)) != key.certificatePEM {
            try write(key.certificatePEM, to: certificatePath, permissions: 0o644)
        }
        return key
    }

    /// Where the certificate alone lies: `.crt` added to the name.
    public static func certificatePath(of path: String) -> String { path + ".crt" }

    private static func write(_ text: String, to path: String, permissions: Int) throws(SimulatorError) {
        try? FileManager.default.removeItem(atPath: path)
        let attributes: [FileAttributeKey: Any] = [.posixPermissions: permissions]
        guard FileManager.default.createFile(atPath: path, contents: Data(text.utf8), attributes: attributes) else {
            throw SimulatorError(.invalidOption, "certificate: the file '\(path)' cannot be written")
        }
    }
}

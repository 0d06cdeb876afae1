import Foundation
import Signing

/// A certificate authority of the tests, by the program `openssl`: a root, and certificates below it. Its folder is removed
/// with it.
final class TestAuthority: Sendable {
    /// A certificate and the key that signs under it.
    struct Identity: Sendable {
        let pem: String
        let keyFile: String
        let key: SigningKey

        init(pem: Data, keyFile: String) throws {
            self.pem = String(decoding: pem, as: UTF8.self)
            self.keyFile = keyFile
            let text = try String(contentsOfFile: keyFile, encoding: .utf8) + self.pem
            guard let key = SigningKey(pem: text) else { throw POSIXError(.EINVAL) }
            self.key = key
        }
    }

    private let folder: String
    let root: Identity

    init() throws {
        folder = NSTemporaryDirectory() + "/sluice-authority-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        root = try Self.selfSigned("Test Root", in: folder)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// A certificate for `name` by `issuer`, the root if nil; valid for two days. With `names` as alternative names.
    func issue(
        _ name: String,
        names: [String] = [],
        by issuer: Identity? = nil,
        isAuthority: Bool = false,
        bits: Int = 2048
    ) throws -> Identity {
        let issuer = issuer ?? root
        let stem = folder + "/" + UUID().uuidString
        try Self.run(
            ["req", "-new", "-newkey", "rsa:\(bits)", "-nodes", "-subj", "/CN=\(name)", "-keyout", stem + ".key"]
                + ["-out", stem + ".csr"]
        )
        var extensions = "basicConstraints=critical,CA:\(isAuthority ? "TRUE" : "FALSE")\n"
        if !names.isEmpty {
            extensions += "subjectAltName=" + names.map { "DNS:\($0)" }.joined(separator: ",") + "\n"
        }
        try Data(extensions.utf8).write(to: URL(filePath: stem + ".cnf"))
        try Data(issuer.pem.utf8).write(to: URL(filePath: stem + ".ca"))
        let pem = try Self.run(
            ["x509", "-req", "-in", stem + ".csr", "-CA", stem + ".ca", "-CAkey", issuer.keyFile, "-days", "2"]
                + ["-set_serial", "\(Int.random(in: 1...1_000_000))", "-extfile", stem + ".cnf"]
        )
        return try Identity(pem: pem, keyFile: stem + ".key")
    }

    /// A certificate by nobody but itself.
    func selfSigned(_ name: String) throws -> Identity { try Self.selfSigned(name, in: folder) }

    private static func selfSigned(_ name: String, in folder: String) throws -> Identity {
        let key = folder + "/" + UUID().uuidString + ".key"
        let pem = try run(
            ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=\(name)", "-keyout", key]
        )
        return try Identity(pem: pem, keyFile: key)
    }

    @discardableResult
    private static func run(_ arguments: [String]) throws -> Data {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw POSIXError(.EINVAL) }
        return data
    }
}

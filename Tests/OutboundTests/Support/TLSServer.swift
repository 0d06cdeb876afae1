import Foundation
import Synchronization

/// `openssl s_server` with a certificate for 127.0.0.1 that a certificate authority of the test's own has signed. It
/// answers each request on its one connection with what the test writes.
final class TLSServer: Sendable {
    let folder: URL
    let port: UInt16
    private let process: Mutex<Process>
    private let input: FileHandle
    private let output = Mutex(Data())

    /// - Parameter name: the certificate's subject alternative name.
    init(name: String = "IP:127.0.0.1") async throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "outbound-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Self.makeAuthority("ca", in: folder)
        try Self.makeAuthority("other", in: folder)
        let request = Self.newKey + ["-nodes", "-subj", "/CN=server", "-keyout", "key.pem", "-out", "csr.pem"]
        try Self.run(["req"] + request, in: folder)
        try Data("subjectAltName=\(name)\n".utf8).write(to: folder.appending(path: "ext.cnf"))
        try Self.run(
            ["x509", "-req", "-in", "csr.pem", "-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial"]
                + ["-days", "2", "-extfile", "ext.cnf", "-out", "cert.pem"],
            in: folder
        )

        let server = Process()
        server.executableURL = URL(filePath: "/usr/bin/openssl")
        server.arguments = ["s_server", "-accept", "127.0.0.1:0", "-cert", "cert.pem", "-key", "key.pem"]
        server.currentDirectoryURL = folder
        let (standardInput, standardOutput) = (Pipe(), Pipe())
        server.standardInput = standardInput
        server.standardOutput = standardOutput
        server.standardError = FileHandle.nullDevice
        try server.run()
        input = standardInput.fileHandleForWriting
        var seen = Data()
        while !seen.contains(0x0a) || !String(decoding: seen, as: UTF8.self).contains("ACCEPT 127.0.0.1:") {
            let piece = standardOutput.fileHandleForReading.availableData
            guard !piece.isEmpty else { throw POSIXError(.EPIPE) }
            seen += piece
        }
        let text = String(decoding: seen, as: UTF8.self)
        port = UInt16(text.split(separator: "ACCEPT 127.0.0.1:").last?.prefix { $0.isNumber } ?? "") ?? 0
        process = Mutex(server)
        standardOutput.fileHandleForReading.readabilityHandler = { [self] handle in
            let piece = handle.availableData
            if piece.isEmpty { handle.readabilityHandler = nil }
            output.withLock { $0 += piece }
        }
    }

    var url: String { "https://127.0.0.1:\(port)" }
    /// The bundle that the server's certificate verifies against.
    var caFile: String { folder.appending(path: "ca.pem").path }
    /// A bundle that it does not verify against.
    var otherCAFile: String { folder.appending(path: "other.pem").path }
    /// What came in, decrypted, among notes of the server's own.
    var received: String { output.withLock { String(decoding: $0, as: UTF8.self) } }

    func answer(_ text: String) throws {
        try input.write(contentsOf: Data(text.utf8))
    }

    func stop() {
        process.withLock { $0.terminate() }
        try? FileManager.default.removeItem(at: folder)
    }

    /// Made in milliseconds, unlike an RSA key.
    private static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]

    private static func makeAuthority(_ name: String, in folder: URL) throws {
        let subject = ["-subj", "/CN=\(name)", "-keyout", "\(name)-key.pem", "-out", "\(name).pem"]
        try run(["req", "-x509"] + newKey + ["-nodes", "-days", "2"] + subject, in: folder)
    }

    private static func run(_ arguments: [String], in folder: URL) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw POSIXError(.EINVAL) }
    }
}

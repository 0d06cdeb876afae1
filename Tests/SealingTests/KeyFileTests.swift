import Foundation
import Signing
import Testing

@testable import Sealing

@Suite("Key files")
struct KeyFileTests {
    private let key = Data(SecureRandom.bytes(32)).base64EncodedString()

    private func message(_ text: String) -> String {
        do throws(SealingError) {
            _ = try KeyFile(text: text, path: "keys")
            return ""
        } catch {
            return error.message
        }
    }

    @Test("The first key is the current one; comments and empty lines count for nothing")
    func reads() throws {
        let other = Data(SecureRandom.bytes(32)).base64EncodedString()
        let file = try KeyFile(text: "# ours\n\n2026-11 \(key)\n  2026-05\t\(other)  \n", path: "keys")
        #expect(file.names == ["file:2026-11", "file:2026-05"])
        #expect(MasterKeys(file: file, kms: nil)?.current == "file:2026-11")
        #expect(!"\(file)".contains(key.prefix(8)))
    }

    @Test("What is wrong is named with its line, and never the key")
    func refuses() {
        #expect(message("").contains("openssl rand -base64 32"))
        #expect(message("a \(key)\na \(key)\n").contains("line 2: there are two keys 'a'"))
        #expect(message("a\n").contains("line 1: behind 'a'"))
        #expect(message("a \(key) more\n").contains("line 1"))
        #expect(message("a/b \(key)\n").contains("line 1: a key's name"))
        let short = Data(SecureRandom.bytes(16)).base64EncodedString()
        #expect(message("a \(short)\n").contains("32 bytes") && !message("a \(short)\n").contains(short))
    }

    @Test("A file that others can read is refused, with what to do; a link to a good one is followed")
    func permissions() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-keys-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "keys").path
        try Data("a \(key)\n".utf8).write(to: URL(filePath: path))
        for mode in [0o644, 0o660, 0o604] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            let refusal = #expect(throws: SealingError.self) { try KeyFile(path: path) }
            let words = "mode \(String(mode, radix: 8))): chmod 640"
            #expect(refusal?.message.contains(words) == true)
        }
        for mode in [0o600, 0o640, 0o440] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            #expect(try KeyFile(path: path).names == ["file:a"])
        }
        try FileManager.default.createSymbolicLink(atPath: path + ".link", withDestinationPath: path)
        #expect(try KeyFile(path: path + ".link").names == ["file:a"])
        #expect(throws: SealingError.self) { try KeyFile(path: path + ".none") }
    }

    @Test("A data key is opened by the key that wrapped it, for its number only")
    func wraps() async throws {
        let masters = try #require(MasterKeys(file: try KeyFile(text: "a \(key)\n", path: "keys"), kms: nil))
        let data = SecureRandom.bytes(32)
        let wrapped = try await masters.wrap(data, number: 3)
        #expect(try await masters.unwrap(wrapped, under: "file:a", number: 3) == data)
        let moved = await #expect(throws: SealingError.self) {
            try await masters.unwrap(wrapped, under: "file:a", number: 4)
        }
        #expect(moved?.code == .wrongKey)
        let missing = await #expect(throws: SealingError.self) {
            try await masters.unwrap(wrapped, under: "file:b", number: 3)
        }
        #expect(missing?.code == .missingKey && missing?.message.contains("'file:b'") == true)
    }
}

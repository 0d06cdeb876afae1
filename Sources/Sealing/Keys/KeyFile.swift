import Foundation
import Signing

/// Master keys from a file: a line for each, its name and the Base64 of 32 bytes. The first one wraps; the others are there for
/// what was wrapped before.
public struct KeyFile: Sendable, CustomStringConvertible, CustomReflectable {
    /// What their names begin with where they are stored.
    static let prefix = "file:"
    private static let longestName = 64

    let names: [String]
    private let keys: [String: [UInt8]]

    public var description: String { "key file with \(names.joined(separator: ", "))" }
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// - Throws: `SealingError.configuration` that names the file and what is wrong; never a key.
    public init(path: String) throws(SealingError) {
        // A mounted secret is a link; what counts is the file behind it.
        let path = URL(filePath: path).resolvingSymlinksInPath().path(percentEncoded: false)
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard let attributes, let data = FileManager.default.contents(atPath: path) else {
            throw SealingError(.configuration, "the key file '\(path)' cannot be read")
        }
        let mode = attributes[.posixPermissions]
        let permissions = (mode as? NSNumber)?.intValue ?? (mode as? Int) ?? 0o777
        // A group may read: that is how units and pods hand root's files to a service's user.
        guard permissions & 0o037 == 0 else {
            throw SealingError(
                .configuration,
                "the key file '\(path)' can be read or changed by others (mode \(String(permissions, radix: 8))): chmod 640 it"
            )
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw SealingError(.configuration, "the key file '\(path)' is not UTF-8")
        }
        try self.init(text: text, path: path)
    }

    init(text: String, path: String) throws(SealingError) {
        var names: [String] = []
        var keys: [String: [UInt8]] = [:]
        for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
            guard let name = words.first, !name.hasPrefix("#") else { continue }
            func fault(_ what: String) -> SealingError {
                SealingError(.configuration, "the key file '\(path)', line \(number + 1): \(what)")
            }
            guard Self.isName(name) else {
                throw fault("a key's name has 1 to \(Self.longestName) of the characters A-Z a-z 0-9 . _ -")
            }
            guard words.count == 2, let key = Data(base64Encoded: words[1]), key.count == AES256GCM.keyLength else {
                throw fault("behind '\(name)' must come the Base64 of \(AES256GCM.keyLength) bytes, and nothing else")
            }
            guard keys.updateValue(Array(key), forKey: Self.prefix + name) == nil else {
                throw fault("there are two keys '\(name)'")
            }
            names.append(Self.prefix + name)
        }
        guard !names.isEmpty else {
            throw SealingError(
                .configuration,
                "the key file '\(path)' has no key; make one with: echo \"NAME $(openssl rand -base64 32)\""
            )
        }
        self.names = names
        self.keys = keys
    }

    func wrap(_ key: [UInt8], under name: String, bound: [UInt8]) -> [UInt8]? {
        keys[name].map { AES256GCM.seal(key, key: $0, bound: bound) }
    }

    /// Nil when the key is another than the one that wrapped.
    func unwrap(_ wrapped: [UInt8], under name: String, bound: [UInt8]) -> [UInt8]? {
        keys[name].flatMap { AES256GCM.open(wrapped, after: 0, key: $0, bound: bound) }
    }

    private static func isName(_ name: String) -> Bool {
        name.utf8.count <= longestName
            && name.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                    || [0x2D, 0x2E, 0x5F].contains($0)
            }
    }
}

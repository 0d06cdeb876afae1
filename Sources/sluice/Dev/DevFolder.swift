import DevDatabase
import Foundation

/// What `sluice dev` keeps between starts: everything under `var/`.
struct DevFolder {
    let path: String

    var database: String { path + "/postgres" }
    var keysFile: String { path + "/dev-keys" }
    /// The key and certificate that the simulator signs notifications with.
    var simulatorCertificate: String { path + "/simulator" }

    /// Makes the folder; says what to do where that is not possible.
    func prepare() throws {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw CommandFailure(
                "the folder '\(path)' cannot be made: \(error.localizedDescription); start in a folder that you may write to"
            )
        }
    }

    /// Removes the data of earlier starts.
    func clear() async throws {
        try await PrivatePostgres.removeData(folder: database)
        try? FileManager.default.removeItem(atPath: keysFile)
    }

    /// The keys that an earlier start has made, by the name of their tenant; `admin` for the admin key.
    func keys() -> [String: String] {
        guard let text = try? String(contentsOf: URL(filePath: keysFile), encoding: .utf8) else { return [:] }
        return Dictionary(
            text.split(separator: "\n").compactMap { line in
                let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
                return parts.count == 2 ? (parts[0], parts[1]) : nil
            },
            uniquingKeysWith: { $1 }
        )
    }

    /// Keeps keys for the next start, readable by their owner only.
    func keep(_ keys: [String: String]) throws {
        let text = keys.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)\n" }.joined()
        let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
        try? FileManager.default.removeItem(atPath: keysFile)
        guard FileManager.default.createFile(atPath: keysFile, contents: Data(text.utf8), attributes: attributes) else {
            throw CommandFailure("the file '\(keysFile)' cannot be written")
        }
    }
}

import Foundation
import Signing

@testable import AWS

/// A home folder with AWS files, and the settings that point at it.
final class CredentialHome {
    let path: String
    var environment: [String: String] = ["AWS_EC2_METADATA_DISABLED": "true"]

    init() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-home-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder.appending(path: ".aws"), withIntermediateDirectories: true)
        path = folder.path
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes `~/NAME` and returns its path.
    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: URL(filePath: path).appending(path: name))
        return path + "/" + name
    }

    /// A chain in these surroundings, whose STS is at `sts`.
    func load(_ selection: CredentialSelection = .chain, sts: String? = nil) async throws(AWSError) -> AWSCredentials {
        var environment = environment
        if let sts { environment["AWS_ENDPOINT_URL_STS"] = sts }
        return try await CredentialChain(
            selection,
            settings: CredentialSettings(environment: environment, homeFolder: path, retryPause: .zero),
            client: TestHTTP.client,
            time: .system,
            logger: TestHTTP.quiet
        ).load()
    }
}

extension AWSCredentials {
    /// Credentials that differ by `id` only.
    static func sample(_ id: String, expiration: Date? = nil, token: String? = nil) -> AWSCredentials {
        AWSCredentials(
            keys: .init(accessKeyID: id, secretAccessKey: "secret of \(id)", sessionToken: token),
            expiration: expiration,
            source: "test"
        )
    }
}

import FoundationEssentials
import Signing

/// The JSON that the container endpoint and the instance metadata answer with.
struct EndpointDocument: Decodable {
    private enum CodingKeys: String, CodingKey {
        case code = "Code"
        case accessKeyID = "AccessKeyId"
        case secretAccessKey = "SecretAccessKey"
        case token = "Token"
        case expiration = "Expiration"
    }

    let code: String?
    let accessKeyID: String?
    let secretAccessKey: String?
    let token: String?
    let expiration: String?

    /// - Throws: `credentials`, naming `source` and what is missing, never what is there.
    static func credentials(in body: [UInt8], source: String) throws(AWSError) -> AWSCredentials {
        guard let document = try? JSONDecoder().decode(EndpointDocument.self, from: Data(body)) else {
            throw AWSError(.credentials, "\(source): the answer is not the JSON of credentials")
        }
        if let code = document.code, code != "Success" {
            throw AWSError(.credentials, "\(source): the answer's code is \(code.prefix(80)) instead of Success")
        }
        guard let id = document.accessKeyID, let secret = document.secretAccessKey else {
            throw AWSError(.credentials, "\(source): the answer has no AccessKeyId or no SecretAccessKey")
        }
        let expiration = document.expiration.map(AWSDate.parse)
        if case .some(.none) = expiration {
            throw AWSError(.credentials, "\(source): the answer's Expiration is not a date")
        }
        return AWSCredentials(
            keys: SigV4Credentials(accessKeyID: id, secretAccessKey: secret, sessionToken: document.token),
            expiration: expiration ?? nil,
            source: source
        )
    }
}

import Coding
import Directory

/// `encryption:` of a configuration file.
struct EncryptionDocument: Decodable {
    let encryption: NodeConfiguration.Encryption

    private enum Keys: String, CodingKey, CaseIterable {
        case kms
        case keyFile = "key_file"
    }

    private struct KMS: Decodable {
        let kms: NodeConfiguration.Encryption.KMS

        private enum Keys: String, CodingKey, CaseIterable {
            case key, endpoint, credentials
        }

        init(from decoder: any Decoder) throws {
            let members = try decoder.strictContainer(keyedBy: Keys.self)
            kms = NodeConfiguration.Encryption.KMS(
                key: try members.decode(String.self, forKey: .key),
                endpoint: try members.decodeIfPresent(String.self, forKey: .endpoint),
                credentials: try members.decodeIfPresent(AccountDocument.Credentials.self, forKey: .credentials)
            )
        }
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        encryption = NodeConfiguration.Encryption(
            keyFile: try members.decodeIfPresent(String.self, forKey: .keyFile),
            kms: try members.decodeIfPresent(KMS.self, forKey: .kms)?.kms
        )
        guard encryption.keyFile != nil || encryption.kms != nil else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "must have key_file, kms, or both")
            )
        }
    }
}

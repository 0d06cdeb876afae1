import Coding
import Directory
import Mail

/// The body of `POST /suppressions`.
struct SuppressionRequest: Decodable {
    private static let maximumDetail = 1000

    let email: EmailAddress
    let reason: Suppression.Reason
    /// Nil: all mail.
    let stream: MessageStream?
    let detail: String?

    private enum Keys: String, CodingKey, CaseIterable {
        case email, reason, stream, detail
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        func fault(_ key: Keys, _ detail: String) -> DecodingError {
            .dataCorruptedError(forKey: key, in: members, debugDescription: detail)
        }
        let text = try members.decode(String.self, forKey: .email)
        do throws(AddressError) {
            email = try EmailAddress(parsing: text)
        } catch {
            throw fault(.email, error.message)
        }
        guard email.displayName == nil else { throw fault(.email, "must be an address without a name") }
        let name = try members.decodeIfPresent(String.self, forKey: .reason) ?? Suppression.Reason.manual.rawValue
        guard let reason = Suppression.Reason(rawValue: name) else {
            throw fault(.reason, "must be \(Suppression.Reason.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        self.reason = reason
        let word = try members.decodeIfPresent(String.self, forKey: .stream)
        stream = word.flatMap(MessageStream.init(rawValue:))
        if word != nil, stream == nil { throw fault(.stream, "must be transactional or bulk, or null for all mail") }
        detail = try members.decodeIfPresent(String.self, forKey: .detail)
        if let detail, detail.utf8.count > Self.maximumDetail || detail.utf8.contains(0) {
            throw fault(.detail, "must be at most \(Self.maximumDetail) bytes without NUL")
        }
    }
}

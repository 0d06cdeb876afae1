/// What kind of mail a message is; each stream of a tenant is a lane of its own. The raw values are the API's.
public enum MessageStream: String, CaseIterable, Codable, Sendable {
    case transactional
    case bulk
}

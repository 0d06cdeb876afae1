public import Capacity
import Coding

/// A whole share tree as `PUT /admin/accounts/{name}/shares` takes it: `{"shares": {"AT": {"rate": 30}, ...}}`.
///
/// What `GET` adds to that is ignored, so that its answer can be changed and sent back.
public struct ShareTreeDocument: Decodable, Equatable, Sendable {
    public let shares: [Share]

    /// What `GET` says besides, of the account and of each share.
    private static let figures = "live"

    private enum Keys: String, CodingKey, CaseIterable {
        case shares, account, version, quota, live, own, changes
    }

    public init(shares: [Share]) {
        self.shares = shares
    }

    public init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        guard members.contains(.shares) else {
            throw DecodingError.keyNotFound(
                Keys.shares,
                DecodingError.Context(codingPath: members.codingPath, debugDescription: "")
            )
        }
        shares = try ShareDocuments(from: members.superDecoder(forKey: .shares), ignoring: [Self.figures]).shares
    }
}

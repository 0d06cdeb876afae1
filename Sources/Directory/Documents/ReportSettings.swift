import Coding
import Foundation
import Mail

/// Who gets a tenant's weekly report, and as whose mail it comes: the tenant's own, sent like any other.
public struct ReportSettings: Equatable, Sendable {
    private static let maximumRecipients = 20

    public var to: [String]
    /// An address that the tenant may send from; may have a name before it.
    public var from: String
    /// Where it is routed by; nil: the tenant's default region.
    public var region: String?

    public init(to: [String], from: String, region: String? = nil) {
        self.to = to
        self.from = from
        self.region = region
    }

    /// As it is stored and shown.
    public var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings only, which can always be encoded.
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
    }

    /// Of what was checked when it was stored; nil where an older version stored something else.
    init?(stored text: String) {
        guard let settings = try? JSONDecoder().decode(Self.self, from: Data(text.utf8)) else { return nil }
        self = settings
    }
}

extension ReportSettings: Codable {
    private enum Keys: String, CodingKey, CaseIterable { case to, from, region }

    public init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        let to: [String]
        if let one = try? members.decode(String.self, forKey: .to) {
            to = [one]
        } else {
            to = try members.decode([String].self, forKey: .to)
        }
        guard (1...Self.maximumRecipients).contains(to.count) else {
            throw DecodingError.dataCorruptedError(
                forKey: .to,
                in: members,
                debugDescription: "must be 1 to \(Self.maximumRecipients) addresses; leave `report` out for no reports"
            )
        }
        for (index, address) in to.enumerated() {
            try Self.check(address, at: members.codingPath + [Keys.to, MemberName(intValue: index)])
        }
        let from = try members.decode(String.self, forKey: .from)
        try Self.check(from, at: members.codingPath + [Keys.from])
        self.init(to: to, from: from, region: try members.decodeIfPresent(String.self, forKey: .region))
    }

    public func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Keys.self)
        try members.encode(to, forKey: .to)
        try members.encode(from, forKey: .from)
        try members.encodeIfPresent(region, forKey: .region)
    }

    private static func check(_ address: String, at path: [any CodingKey]) throws {
        do throws(AddressError) {
            _ = try EmailAddress(parsing: address)
        } catch {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(codingPath: path, debugDescription: "\(DecodingFault.quoted(address)): \(error)")
            )
        }
    }

    /// Against the rest of its tenant's document.
    func check(fromDomains: [String], regions: [String: String], at path: [any CodingKey]) throws {
        func fail(_ key: Keys, _ detail: String) -> DecodingError {
            .dataCorrupted(DecodingError.Context(codingPath: path + [key], debugDescription: detail))
        }
        guard let sender = try? EmailAddress(parsing: from), FromPolicy(stored: fromDomains).allows(sender) else {
            throw fail(
                .from,
                "\(DecodingFault.quoted(from)) is not among from_domains, and reports go out as the tenant's own mail"
            )
        }
        if let region, regions[region] == nil, regions["*"] == nil {
            throw fail(.region, "\(DecodingFault.quoted(region)) is not among the regions")
        }
    }
}

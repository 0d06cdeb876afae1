import Coding
import Directory
import FoundationEssentials
import Mail

/// The body of `POST /keys` and `PATCH /keys/{id}`. Of a list, null is no restriction.
struct KeyRequest: Decodable {
    private(set) var change = KeyChange()

    private enum Keys: String, CodingKey, CaseIterable {
        case name, scopes, domains, regions, test
        case allowedIPs = "allowed_ips"
        case expiresAt = "expires_at"
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        if members.contains(.name) { change.name = try members.decode(String.self, forKey: .name) }
        if members.contains(.scopes) { change.scopes = try Self.scopes(members) }
        if members.contains(.domains) {
            change.domains = .some(try members.decodeIfPresent([String].self, forKey: .domains))
        }
        if members.contains(.regions) {
            change.regions = .some(try members.decodeIfPresent([String].self, forKey: .regions))
        }
        if members.contains(.allowedIPs) {
            change.allowedIPs = .some(try members.decodeIfPresent([String].self, forKey: .allowedIPs))
        }
        if members.contains(.expiresAt) { change.expiresAt = .some(try Self.expiry(members)) }
        if members.contains(.test) { change.isTest = try members.decode(Bool.self, forKey: .test) }
    }

    /// - Throws: problem `invalid_key_settings` with the pointer to what is wrong.
    func checked(now: Date) throws(Problem) -> KeyChange {
        do throws(KeyChange.Fault) {
            return try change.checked(now: now)
        } catch {
            throw Problem(
                .invalidKeySettings,
                "\(error.pointer): \(error.detail)",
                errors: [ValidationFailure(pointer: error.pointer, detail: error.detail)]
            )
        }
    }

    private static func scopes(_ members: KeyedDecodingContainer<Keys>) throws -> Set<KeyScope> {
        var scopes: Set<KeyScope> = []
        for (index, name) in try members.decode([String].self, forKey: .scopes).enumerated() {
            guard let scope = KeyScope(rawValue: name) else {
                throw DecodingError.dataCorrupted(
                    DecodingError.Context(
                        codingPath: members.codingPath + [Keys.scopes, MemberName(intValue: index)] as [any CodingKey],
                        debugDescription: "\(DecodingFault.quoted(name)) is no scope; known are "
                            + KeyScope.allCases.map(\.rawValue).joined(separator: ", ")
                    )
                )
            }
            scopes.insert(scope)
        }
        return scopes
    }

    private static func expiry(_ members: KeyedDecodingContainer<Keys>) throws -> Date? {
        guard let text = try members.decodeIfPresent(String.self, forKey: .expiresAt) else { return nil }
        guard let date = RFC3339.date(text) else {
            throw DecodingError.dataCorruptedError(
                forKey: .expiresAt,
                in: members,
                debugDescription: "must be a time such as 2026-02-03T04:05:06Z (RFC 3339), or null for none"
            )
        }
        return date
    }
}

/// The body of `POST /keys/{id}/rotate`.
struct KeyRotation: Decodable {
    private static let maximumOverlap = 604_800

    /// How long the old secret works beside the new one.
    let overlap: Int

    private enum Keys: String, CodingKey, CaseIterable {
        case overlap
    }

    init(overlap: Int) {
        self.overlap = overlap
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        let seconds = try members.decodeIfPresent(Double.self, forKey: .overlap)
        let whole = seconds.flatMap { Int(exactly: $0) }
        guard seconds == nil || (0...Self.maximumOverlap).contains(whole ?? -1) else {
            throw DecodingError.dataCorruptedError(
                forKey: .overlap,
                in: members,
                debugDescription: "must be 0 to \(Self.maximumOverlap) seconds"
            )
        }
        overlap = whole ?? Self.standard.overlap
    }

    static let standard = KeyRotation(overlap: 86_400)
}

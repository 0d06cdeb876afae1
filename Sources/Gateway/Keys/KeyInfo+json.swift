import Directory
import FoundationEssentials

extension KeyInfo {
    /// The key as it is shown; `prefix` is how it begins.
    var members: [(String, JSONValue)] {
        func list(_ entries: [String]?) -> JSONValue { entries.map { .array($0.map(JSONValue.string)) } ?? .null }
        return [
            ("id", .string(id.text)),
            ("name", .string(name)),
            ("prefix", .string(hint)),
            ("test", .bool(grant.isTest)),
            ("scopes", list(grant.scopeNames)),
            ("domains", list(grant.domains)),
            ("regions", list(grant.regions)),
            ("allowed_ips", list(grant.allowedIPs)),
            ("created_at", .time(createdAt)),
            ("expires_at", .time(grant.expiresAt)),
            ("last_used_at", .time(lastUsedAt)),
            ("old_key_until", .time(oldKeyUntil)),
        ]
    }
}

extension KeyStore.Issued {
    /// The only time that the key itself is shown.
    var json: JSONValue {
        var members = info.members
        members.insert(("key", .string(key)), at: 1)
        return .object(members)
    }
}

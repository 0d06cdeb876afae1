import ArgumentParser
import Directory
import Foundation

/// What a key may do, as flags. What is not said is not restricted.
struct KeyOptions: ParsableArguments {
    @Option(name: .long, help: "What to call it.")
    var name: String?

    @Option(
        name: .customLong("scope"),
        parsing: .singleValue,
        help:
            "send, read, webhooks, suppressions, templates, keys or content; again for more (default: all but content)."
    )
    var scopes: [String] = []

    @Option(
        name: .customLong("domain"),
        parsing: .singleValue,
        help: "A From domain or address that it may use; again for more (default: all of the tenant's)."
    )
    var domains: [String] = []

    @Option(
        name: .customLong("region"),
        parsing: .singleValue,
        help: "A region that it may send to; again for more (default: all of the tenant's)."
    )
    var regions: [String] = []

    @Option(
        name: .customLong("allowed-ip"),
        parsing: .singleValue,
        help: "An address or network that it works from, such as 192.0.2.0/24; again for more (default: anywhere)."
    )
    var allowedIPs: [String] = []

    @Option(name: .long, help: "When it ends, such as 2027-01-01T00:00:00Z (default: never).")
    var expiresAt: String?

    var isEmpty: Bool {
        name == nil && scopes.isEmpty && domains.isEmpty && regions.isEmpty && allowedIPs.isEmpty && expiresAt == nil
    }

    /// - Throws: `ValidationError` for an unknown scope or a time that is none.
    func change() throws -> KeyChange {
        var change = KeyChange()
        change.name = name
        if !scopes.isEmpty {
            change.scopes = Set(
                try scopes.map { name in
                    guard let scope = KeyScope(rawValue: name) else {
                        let known = KeyScope.allCases.map(\.rawValue).joined(separator: ", ")
                        throw ValidationError("--scope: '\(name)' is no scope; known are \(known).")
                    }
                    return scope
                }
            )
        }
        if !domains.isEmpty { change.domains = .some(domains) }
        if !regions.isEmpty { change.regions = .some(regions) }
        if !allowedIPs.isEmpty { change.allowedIPs = .some(allowedIPs) }
        if let expiresAt {
            guard let date = try? Date(expiresAt, strategy: .iso8601) else {
                throw ValidationError("--expires-at: '\(expiresAt)' is no time such as 2027-01-01T00:00:00Z.")
            }
            change.expiresAt = .some(date)
        }
        return change
    }
}

public import Directory
import FoundationEssentials

public import struct Foundation.Date

/// A tenant's keys: what each may do, and making and ending them.
public struct TenantKeysPage: Sendable {
    let keys: [KeyInfo]
    let hasMore: Bool
    /// Of the key that one is signed in with.
    let own: String
    let grant: KeyGrant
    let now: Date

    public init(keys: [KeyInfo], hasMore: Bool, own: String, grant: KeyGrant, now: Date) {
        self.keys = keys
        self.hasMore = hasMore
        self.own = own
        self.grant = grant
        self.now = now
    }

    public var page: DashboardPage {
        let rest: HTML? = hasMore ? "<p class=\"soft\">There are more: <code>GET /keys</code> lists all.</p>" : nil
        return DashboardPage(
            title: "Keys",
            section: "/dashboard/keys",
            body: """
                <h1>Keys</h1>
                <section class="card" aria-labelledby="list"><h2 id="list">What there is</h2>\(table)\(rest)</section>
                <section class="card" aria-labelledby="make"><h2 id="make">Make one</h2>\(form)</section>
                """
        )
    }

    private var table: HTML {
        let rows = keys.map { key -> [HTML] in
            let id = key.id.uuidString.lowercased()
            let isOwn = id == own
            let name = key.name.isEmpty ? key.hint : key.name
            let mark: HTML = isOwn ? " \(Badge.html("you", .plain))" : .empty
            let test: HTML = key.grant.isTest ? " \(Badge.html("test", .warn))" : .empty
            return [
                "\(name)\(mark)\(test)<br><code>\(key.hint)...</code>", may(key.grant),
                key.grant.expiresAt.map { expiry($0) } ?? "never", Words.age(key.lastUsedAt, now: now),
                """
                <div class="row"><form data-issue="POST /keys/\(id)/rotate" data-member="key" data-title="The new key" \
                data-confirm="Make a new secret for \(name)? The old one works for another day."><button class="quiet small" \
                aria-label="Rotate \(name)">Rotate</button></form>
                \(Controls.action(
                    "Revoke",
                    "DELETE /keys/\(id)",
                    done: "Revoked.",
                    confirm: isOwn
                        ? "Revoke the key that you are signed in with? You are signed out at once."
                        : "Revoke \(name)? Whoever uses it is refused within two seconds.",
                    look: "danger small",
                    label: "Revoke \(name)"
                ))</div>
                """,
            ]
        }
        return Table(
            "Keys",
            [.text("Key"), .text("May"), .text("Ends"), .text("Used"), .text("")],
            rows: rows
        ).html
    }

    private func expiry(_ date: Date) -> HTML {
        date > now ? "in \(Words.duration(date.timeIntervalSince(now)))" : Badge.html("expired", .bad)
    }

    private func may(_ grant: KeyGrant) -> HTML {
        let scopes = KeyScope.allCases.filter(grant.scopes.contains).map(\.rawValue).joined(separator: ", ")
        var limits: [String] = []
        if let domains = grant.domains { limits.append("as \(domains.joined(separator: ", "))") }
        if let regions = grant.regions { limits.append("to \(regions.joined(separator: ", "))") }
        if let networks = grant.allowedIPs { limits.append("from \(networks.joined(separator: ", "))") }
        let more: HTML =
            limits.isEmpty ? .empty : "<br><span class=\"soft\">only \(limits.joined(separator: "; "))</span>"
        return "\(scopes)\(more)"
    }

    private var form: HTML {
        let scopes = KeyScope.allCases.filter(grant.scopes.contains).map { scope -> HTML in
            let mark: HTML = KeyScope.standard.contains(scope) ? " checked" : .empty
            return """
                <label class="check"><input type="checkbox" data-scope="\(scope.rawValue)"\(mark)> \
                <span><strong>\(scope.rawValue)</strong> <span class="soft">\(Self.words(scope))</span></span></label>
                """
        }
        let test: HTML =
            grant.isTest
            ? .empty
            : """
            <label class="check"><input type="checkbox" name="test"> <span><strong>test key</strong> \
            <span class="soft">its mail is answered here and never sent</span></span></label>
            """
        return """
            <form class="fields" data-issue="POST /keys" data-member="key" data-title="Your new key">
            <label for="name">Name</label><input id="name" name="name" required maxlength="100" autocomplete="off">
            <fieldset><legend>It may</legend>\(scopes)</fieldset>
            <label for="domains">Only send as (domains or addresses; empty: all that this key may)</label>
            <input id="domains" name="domains" data-type="list" autocomplete="off">
            <label for="allowed_ips">Only work from (addresses or networks; empty: from anywhere)</label>
            <input id="allowed_ips" name="allowed_ips" data-type="list" autocomplete="off" placeholder="192.0.2.0/24">
            \(test)
            <button>Make the key</button>
            </form>
            """
    }

    private static func words(_ scope: KeyScope) -> String {
        switch scope {
        case .send: "send and cancel mail"
        case .read: "read messages, events and figures"
        case .webhooks: "webhooks"
        case .suppressions: "suppressions and erasures"
        case .templates: "templates"
        case .keys: "make and revoke keys that may do no more"
        case .content: "read what messages say"
        }
    }
}

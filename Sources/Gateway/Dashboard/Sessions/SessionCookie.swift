import Directory
import HTTPTypes

/// The cookie that holds a session's token: for this host and these pages only, out of reach of scripts and of other sites.
struct SessionCookie: Sendable {
    /// Cookies know no ports, and both listeners may be on one host.
    private let name: String
    /// The browser came by https, so that it is never to be sent otherwise.
    private let isSecure: Bool

    init(_ audience: DashboardAudience, isSecure: Bool) {
        name = (isSecure ? "__Host-" : "") + "sluice_\(audience.rawValue)"
        self.isSecure = isSecure
    }

    /// Nil where there is none, and where there are several: one of them is somebody else's.
    func token(in headers: HTTPFields) -> String? {
        let tokens = headers[values: .cookie].flatMap { $0.split(separator: ";") }.compactMap { pair -> Substring? in
            let trimmed = pair.drop { $0 == " " }
            guard trimmed.hasPrefix(name + "=") else { return nil }
            return trimmed.dropFirst(name.utf8.count + 1)
        }
        return tokens.count == 1 ? tokens.first.map { String($0) } : nil
    }

    func set(_ token: String) -> String {
        "\(name)=\(token); Path=/; Max-Age=\(Int(SessionStore.lifetime / .seconds(1))); \(attributes)"
    }

    var removed: String { "\(name)=; Path=/; Max-Age=0; \(attributes)" }

    private var attributes: String { "HttpOnly; SameSite=Strict" + (isSecure ? "; Secure" : "") }
}

/// For whom a dashboard is.
enum DashboardAudience: String, Sendable {
    case admins = "admin"
    case tenants = "tenant"
}

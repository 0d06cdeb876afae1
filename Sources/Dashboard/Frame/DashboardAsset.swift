/// A file that pages need. Its path names its content, so that a browser may keep it for good.
public struct DashboardAsset: Sendable {
    public let path: String
    public let type: String
    public let bytes: [UInt8]

    static let stylesheet = DashboardAsset(
        "dashboard",
        "css",
        "text/css; charset=utf-8",
        PackageResources.dashboard_css
    )
    static let tenantStylesheet = DashboardAsset(
        "tenant",
        "css",
        "text/css; charset=utf-8",
        PackageResources.tenant_css
    )
    static let favicon = DashboardAsset("favicon", "svg", "image/svg+xml", PackageResources.favicon_svg)
    static let scripts = [
        script("live", PackageResources.live_js),
        script("actions", PackageResources.actions_js),
        script("tenant", PackageResources.tenant_js),
        script("shares", PackageResources.shares_js),
    ]

    public static let all = [stylesheet, tenantStylesheet, favicon] + scripts

    private static func script(_ name: String, _ bytes: [UInt8]) -> DashboardAsset {
        DashboardAsset(name, "js", "text/javascript; charset=utf-8", bytes)
    }

    private init(_ name: String, _ ending: String, _ type: String, _ bytes: [UInt8]) {
        path = "/dashboard/assets/\(name).\(Self.digest(bytes)).\(ending)"
        self.type = type
        self.bytes = bytes
    }

    /// FNV-1a: tells versions apart, and protects nothing.
    private static func digest(_ bytes: [UInt8]) -> String {
        let hash = bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return String(hash, radix: 36)
    }
}

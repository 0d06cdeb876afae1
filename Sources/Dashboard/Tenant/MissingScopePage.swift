public import Directory

/// Instead of a page that the key may not see.
public struct MissingScopePage: Sendable {
    let title: String
    let scope: KeyScope
    let section: String

    public init(title: String, scope: KeyScope, section: String) {
        self.title = title
        self.scope = scope
        self.section = section
    }

    public var page: DashboardPage {
        DashboardPage(
            title: title,
            section: section,
            body: """
                <h1>\(title)</h1>
                <p class="note">The key that you are signed in with does not have the scope <code>\(scope.rawValue)</code>, which this
                page needs. Sign in with another one, or ask whoever made it.</p>
                """
        )
    }
}

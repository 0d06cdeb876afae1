/// What all pages of a dashboard have around them.
public struct DashboardFrame: Sendable {
    public struct Link: Sendable {
        public let path: String
        public let words: String

        public init(_ path: String, _ words: String) {
            self.path = path
            self.words = words
        }
    }

    /// Whose dashboard it is, in a word or two.
    let product: String
    /// Who is signed in.
    let holder: String
    let links: [Link]
    /// Goes back with each change.
    let csrfToken: String

    public init(product: String, holder: String, links: [Link], csrfToken: String) {
        self.product = product
        self.holder = holder
        self.links = links
        self.csrfToken = csrfToken
    }

    public func page(_ page: DashboardPage) -> HTML {
        let live: HTML = page.live.map { " data-live=\"\($0)\"" } ?? .empty
        let refresh: HTML = page.refresh.map { " data-refresh=\"\($0)\"" } ?? .empty
        return PageShell.page(
            title: "\(page.title) - \(product)",
            head: "<meta name=\"csrf-token\" content=\"\(csrfToken)\">\(PageShell.scripts)",
            body: """
                <body\(live)\(refresh)>
                <a class="skip" href="#content">Skip to the content</a>
                <header class="bar">
                <a class="brand" href="/dashboard">\(Icons.mark)<span>Sluice</span></a>
                <span class="who"><span class="soft">\(product)</span> \(holder)</span>
                <form method="post" action="/dashboard/sign-out">
                <input type="hidden" name="csrf" value="\(csrfToken)">
                <button class="quiet">Sign out</button>
                </form>
                </header>
                <nav class="sections" aria-label="Sections"><ul>\(links.map { link($0, page.section) })</ul></nav>
                <p id="connection" class="connection" role="status" hidden></p>
                <main id="content" tabindex="-1">
                <noscript><p class="note">Without JavaScript the pages show how things are, but not how they change; and \
                nothing can be changed here.</p></noscript>
                \(page.body)
                </main>
                <div id="toasts" class="toasts" role="status" aria-live="polite"></div>
                </body>
                """
        )
    }

    private func link(_ link: Link, _ section: String) -> HTML {
        let mark: HTML = link.path == section ? " aria-current=\"page\"" : .empty
        return "<li><a href=\"\(link.path)\"\(mark)>\(link.words)</a></li>"
    }
}

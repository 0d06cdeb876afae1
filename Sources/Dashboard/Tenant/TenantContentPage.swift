public import Mail

/// What a message says, for keys that may read it.
public struct TenantContentPage: Sendable {
    /// What is known of it.
    public struct Content: Sendable {
        let kind: String
        let from: String?
        let subject: String?
        let text: String?
        let hasHTML: Bool
        let headers: [HeaderField]
        let source: String?

        /// - Parameter source: of a whole MIME message.
        public init(
            kind: String,
            from: String?,
            subject: String?,
            text: String?,
            hasHTML: Bool,
            headers: [HeaderField],
            source: String?
        ) {
            self.kind = kind
            self.from = from
            self.subject = subject
            self.text = text
            self.hasHTML = hasHTML
            self.headers = headers
            self.source = source
        }
    }

    let id: MessageID
    let content: Content?
    /// Why it is not shown.
    let problem: String?

    public init(id: MessageID, content: Content?, problem: String? = nil) {
        self.id = id
        self.content = content
        self.problem = problem
    }

    public var page: DashboardPage {
        DashboardPage(
            title: "What it says",
            section: "/dashboard/messages",
            body: """
                <p class="crumbs"><a href="/dashboard/messages">Messages</a> / <a href="/dashboard/messages/\(id.description)">the message</a></p>
                <h1>What it says</h1>
                \(problem.map { problem -> HTML in "<p class=\"note warn\">\(problem)</p>" })
                \(content.map(shown))
                """
        )
    }

    private func shown(_ content: Content) -> HTML {
        if let source = content.source {
            return
                "<section class=\"card\"><h2>The whole message (MIME)</h2><pre tabindex=\"0\"><code>\(source)</code></pre></section>"
        }
        var facts: [(String, String)] = []
        if let from = content.from { facts.append(("From", from)) }
        if let subject = content.subject { facts.append(("Subject", subject)) }
        facts += content.headers.map { ($0.name, $0.value) }
        let frame: HTML? =
            content.hasHTML
            ? """
            <section class="card"><h2>HTML</h2><iframe class="mail tall" title="The mail" sandbox \
            src="/dashboard/messages/\(id.description)/content/html"></iframe>
            <p class="soft">Pictures from elsewhere are not loaded here.</p></section>
            """ : nil
        let text: HTML? = content.text.map {
            "<section class=\"card\"><h2>Text</h2><pre tabindex=\"0\"><code>\($0)</code></pre></section>"
        }
        let note: HTML? =
            content.kind == "templated"
            ? "<p class=\"soft\">Filled from a template; what each recipient has of its own is not shown.</p>" : nil
        return """
            <section class="card"><dl class="facts">\(facts.map { name, value -> HTML in "<dt>\(name)</dt><dd>\(value)</dd>" })</dl>\(note)</section>
            <div class="columns">\(frame)\(text)</div>
            """
    }
}

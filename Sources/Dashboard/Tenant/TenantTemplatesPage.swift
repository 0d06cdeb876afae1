public import Directory

public import struct Foundation.Date

/// A tenant's templates, and making one.
public struct TenantTemplatesPage: Sendable {
    let templates: [TemplateEntry]
    let earlier: String?
    let later: String?
    /// A test key reads them only.
    let canChange: Bool
    let now: Date

    public init(
        templates: [TemplateEntry],
        earlier: String? = nil,
        later: String? = nil,
        canChange: Bool,
        now: Date
    ) {
        self.templates = templates
        self.earlier = earlier
        self.later = later
        self.canChange = canChange
        self.now = now
    }

    public var page: DashboardPage {
        DashboardPage(
            title: "Templates",
            section: "/dashboard/templates",
            body: """
                <h1>Templates</h1>
                <section class="card">\(list)</section>
                \(canChange ? form : "<p class=\"soft\">A test key reads and renders them; change them with a live key.</p>")
                """
        )
    }

    private var list: HTML {
        guard !templates.isEmpty else { return "<p class=\"empty\">There is none yet.</p>" }
        let rows = templates.map { entry -> [HTML] in
            [
                "<a href=\"/dashboard/templates/\(Words.segment(entry.name))\">\(entry.name)</a>", "\(entry.subject)",
                "\(Words.number(entry.version))", Words.age(entry.updatedAt, now: now),
            ]
        }
        return """
            \(Table(
                "Templates",
                [.text("Name"), .text("Subject"), .number("Version"), .text("Changed")],
                rows: rows
            ).html)
            \(Pager(path: "/dashboard/templates", query: [], older: later, newer: earlier).html)
            """
    }

    private var form: HTML {
        """
        <section class="card" aria-labelledby="make"><h2 id="make">Make one</h2>
        <form class="fields" data-api="POST /templates" data-done="Made." data-then="reload">
        <label for="name">Name</label><input id="name" name="name" required pattern="[A-Za-z0-9_.\\-]+" autocomplete="off">
        \(TemplateFields.html(subject: "", text: "", html: ""))
        <button>Make the template</button></form></section>
        """
    }
}

/// The parts of a template, to be written.
enum TemplateFields {
    static func html(subject: String, text: String, html: String) -> HTML {
        """
        <label for="subject">Subject</label><input id="subject" name="subject" required value="\(subject)" autocomplete="off">
        <label for="text">Text</label><textarea id="text" name="text" rows="8" data-type="raw" spellcheck="false">\(text)</textarea>
        <label for="html">HTML</label><textarea id="html" name="html" rows="12" data-type="raw" spellcheck="false">\(html)</textarea>
        """
    }
}

public import Directory
import Mail

public import struct Foundation.Date

/// One template in one version: what it says, how it looks when it is filled, and its other versions.
public struct TenantTemplatePage: Sendable {
    let template: StoredTemplate
    /// Newest first.
    let versions: [TemplateEntry]
    let canChange: Bool
    let csrfToken: String
    let now: Date

    public init(
        template: StoredTemplate,
        versions: [TemplateEntry],
        canChange: Bool,
        csrfToken: String,
        now: Date
    ) {
        self.template = template
        self.versions = versions
        self.canChange = canChange
        self.csrfToken = csrfToken
        self.now = now
    }

    private var path: String { "/dashboard/templates/\(Words.segment(template.name))" }
    private var isLatest: Bool { versions.first.map { $0.version == template.version } ?? true }

    public var page: DashboardPage {
        let old: HTML? =
            isLatest
            ? nil
            : "<p class=\"note warn\">This is version \(template.version). <a href=\"\(path)\">The latest</a> is \(versions.first?.version ?? 0).</p>"
        return DashboardPage(
            title: template.name,
            section: "/dashboard/templates",
            body: """
                <p class="crumbs"><a href="/dashboard/templates">Templates</a></p>
                <div class="head"><h1>\(template.name)</h1>\(Badge.html("version \(template.version)", .plain))
                <span class="push">\(delete)</span></div>
                \(old)
                <div class="columns">
                <section class="card" aria-labelledby="look"><h2 id="look">How it looks</h2>\(preview)</section>
                <section class="card" aria-labelledby="source"><h2 id="source">What it says</h2>\(source)</section>
                </div>
                <section class="card" aria-labelledby="versions"><h2 id="versions">Versions</h2>\(table)</section>
                """
        )
    }

    /// The frame's answer has a policy of its own, under which nothing of it runs or reaches the session.
    private var preview: HTML {
        """
        <form class="fields" method="post" action="\(path)/preview" target="preview">
        <input type="hidden" name="csrf" value="\(csrfToken)"><input type="hidden" name="version" value="\(template.version)">
        <label for="data">Filled with (JSON)</label>
        <textarea id="data" name="data" rows="5" spellcheck="false" class="mono">{}</textarea>
        <div class="row"><button name="part" value="html">Show</button>
        <button name="part" value="text" class="quiet">As text</button></div></form>
        <iframe class="mail" name="preview" title="The filled template" sandbox src="\(path)/preview?version=\(template.version)"></iframe>
        <p class="soft">Pictures from elsewhere are not loaded here.</p>
        """
    }

    private var source: HTML {
        let fields = TemplateFields.html(
            subject: template.source.subject,
            text: template.source.text ?? "",
            html: template.source.html ?? ""
        )
        guard canChange else {
            return """
                <dl class="facts"><dt>Subject</dt><dd>\(template.source.subject)</dd></dl>
                <h3>Text</h3><pre tabindex="0"><code>\(template.source.text ?? "none")</code></pre>
                <h3>HTML</h3><pre tabindex="0"><code>\(template.source.html ?? "none")</code></pre>
                """
        }
        return """
            <form class="fields" data-api="PUT /templates/\(Words.segment(template.name))" data-done="Saved as version {version}." \
            data-go="\(path)">\(fields)<button>Save as a new version</button></form>
            """
    }

    private var delete: HTML {
        guard canChange else { return .empty }
        return """
            <form data-api="DELETE /templates/\(Words.segment(template.name))" data-done="Deleted." data-go="/dashboard/templates" \
            data-confirm="Delete \(template.name) with all its versions? Mail that waits is still sent."><button class="danger">Delete</button></form>
            """
    }

    private var table: HTML {
        let rows = versions.map { entry -> [HTML] in
            [
                "<a href=\"\(path)?version=\(entry.version)\">\(entry.version)</a>", "\(entry.subject)",
                Words.age(entry.updatedAt, now: now),
            ]
        }
        return Table("Versions, newest first", [.text("Version"), .text("Subject"), .text("Made")], rows: rows).html
    }
}

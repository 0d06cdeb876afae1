import Dashboard
import HTTPTypes

/// The pages of a document, by path: what it describes, for people to read.
struct DocumentationPages {
    private(set) var pages: [String: HTML] = [:]

    private let document: APIDocument
    private let operations: OperationText
    private let frame: PageFrame

    init(_ document: APIDocument) {
        self.document = document
        operations = OperationText(document: document.json)
        let tags = document.json["tags"]?.elements ?? []
        var links: [(path: String, words: String)] = [(path: "/docs", words: "Overview")]
        for tag in tags { links.append((path: Self.path(tag), words: tag["name"]?.asString ?? "")) }
        if document.json["webhooks"] != nil { links.append((path: "/docs/payloads", words: "Webhook requests")) }
        links.append((path: "/docs/objects", words: "Objects"))
        links.append((path: "/docs/problems", words: "Problems"))
        frame = PageFrame(title: document.json["info"]?["title"]?.asString ?? "", links: links)
        overview(tags)
        for tag in tags { page(of: tag) }
        payloads()
        objects()
        problems()
    }

    private static func path(_ tag: JSONValue) -> String { "/docs/\(tag["x-page"]?.asString ?? "")" }

    private mutating func add(_ path: String, _ heading: String, _ text: HTML) {
        pages[path] = frame.page(heading, at: path, text)
    }

    /// Each operation of a tag, in the order of the document.
    private func operations(of tag: JSONValue) -> [(method: String, path: String, operation: JSONValue)] {
        let name = tag["name"]?.asString
        var found: [(method: String, path: String, operation: JSONValue)] = []
        for (path, methods) in document.json["paths"]?.members ?? [] {
            for (method, operation) in methods.members where operation["tags"]?.elements.first?.asString == name {
                found.append((method: method, path: path, operation: operation))
            }
        }
        return found
    }

    private mutating func overview(_ tags: [JSONValue]) {
        let areas = tags.map { tag -> HTML in
            let calls = operations(of: tag).map { method, path, operation -> HTML in
                """
                <li><a href="\(Self.path(tag))#\(operation["operationId"]?.asString ?? "")">\
                <span class="method">\(method.uppercased())</span> <code>\(path)</code></a> \
                \(Prose.line(operation["summary"]?.asString ?? ""))</li>
                """
            }
            return """
                <h2><a href="\(Self.path(tag))">\(tag["name"]?.asString ?? "")</a></h2><ul class="calls">\(calls)</ul>
                """
        }
        let info = document.json["info"]
        add(
            "/docs",
            info?["title"]?.asString ?? "",
            """
            \(Prose.html(info?["description"]?.asString ?? ""))
            <p>The same for programs: <a href="/openapi.json"><code>/openapi.json</code></a> (OpenAPI 3.1).</p>
            \(areas)
            """
        )
    }

    private mutating func page(of tag: JSONValue) {
        let text = operations(of: tag).map { operations.html($0.operation, method: $0.method, path: $0.path) }
        add(
            Self.path(tag),
            tag["name"]?.asString ?? "",
            "\(Prose.html(tag["description"]?.asString ?? ""))\(text)"
        )
    }

    private mutating func payloads() {
        guard let webhooks = document.json["webhooks"] else { return }
        let text = webhooks.members.map { event, item in
            operations.html(item["post"] ?? .null, method: "POST", path: event)
        }
        add(
            "/docs/payloads",
            "Webhook requests",
            """
            <p>What is posted to the endpoints of a tenant, by the type of its event. \
            <a href="/docs/webhooks">Webhooks</a> says how to have one.</p>\(text)
            """
        )
    }

    private mutating func objects() {
        let schemas = document.json["components"]?["schemas"]?.members ?? []
        let text = schemas.map { name, schema -> HTML in
            let table = operations.schemas.table(schema, label: "Members of \(name)")
            let kind: HTML = schema["properties"] == nil ? "<p>\(operations.schemas.kind(schema))</p>" : ""
            return """
                <section aria-labelledby="\(name)"><h2 id="\(name)">\(name)</h2>
                \(Prose.html(schema["description"]?.asString ?? ""))\(kind)\(table)</section>
                """
        }
        add("/docs/objects", "Objects", "\(text)")
    }

    private mutating func problems() {
        let entries = document.problems.entries.sorted {
            ($0.code.status.code, $0.code.name) < ($1.code.status.code, $1.code.name)
        }
        let rows = entries.map { entry -> HTML in
            """
            <tr><td>\(entry.code.status.code)</td><th scope="row"><a href="/docs/problems/\(entry.code.name)">\
            <code>\(entry.code.name)</code></a></th><td>\(entry.code.title)</td></tr>
            """
        }
        add(
            "/docs/problems",
            "Problems",
            """
            <p>Everything that is no success is <code>application/problem+json</code> (RFC 9457). Programs go by \
            <code>code</code>, which never changes its meaning; <code>detail</code> is for people, and <code>errors</code> \
            names members of the request by JSON Pointer.</p>
            <div class="scroll" role="group" aria-label="Problems" tabindex="0"><table>
            <thead><tr><th scope="col">status</th><th scope="col">code</th><th scope="col">says</th></tr></thead>
            <tbody>\(rows)</tbody></table></div>
            """
        )
        for entry in entries { problem(entry) }
    }

    private mutating func problem(_ entry: ProblemCatalogue.Entry) {
        let example = Problem(entry.code, entry.detail).json(requestID: "0b5e1e6e-3f0a-4a54-9c1f-6d1a2f6a0c11")
        add(
            "/docs/problems/\(entry.code.name)",
            entry.code.title,
            """
            <p><code>\(entry.code.name)</code>, status \(entry.code.status.code)</p>
            <h2>What it means</h2>\(Prose.html(entry.meaning))
            <h2>What to do</h2>\(Prose.html(entry.remedy))
            \(OperationText.example(example, "an example"))
            <p><a href="/docs/problems">All problems</a></p>
            """
        )
    }
}

import Dashboard

/// An operation, or a request of ours, as a part of a page.
struct OperationText: Sendable {
    let document: JSONValue
    let schemas: SchemaText

    init(document: JSONValue) {
        self.document = document
        schemas = SchemaText(document: document)
    }

    func html(_ operation: JSONValue, method: String, path: String) -> HTML {
        let id = operation["operationId"]?.asString ?? path
        let summary = operation["summary"]?.asString ?? ""
        return """
            <section aria-labelledby="\(id)">
            <h2 id="\(id)"><span class="method">\(method.uppercased())</span> <code>\(path)</code></h2>
            <p class="summary">\(Prose.line(summary))</p>
            \(Prose.html(operation["description"]?.asString ?? ""))
            \(access(operation))
            \(parameters(operation))
            \(body(operation["requestBody"], of: summary))
            \(answers(operation["responses"]?.members ?? [], of: summary))
            </section>
            """
    }

    private func access(_ operation: JSONValue) -> HTML {
        guard let security = operation["security"] else { return "" }
        guard let (scheme, scopes) = security.elements.first?.members.first else {
            return "<p>It needs no key.</p>"
        }
        guard let scope = scopes.elements.first?.asString else {
            return "<p>It needs an admin's key (<code>\(scheme)</code>).</p>"
        }
        return "<p>It needs a key with the scope <code>\(scope)</code>.</p>"
    }

    private func parameters(_ operation: JSONValue) -> HTML {
        let rows = (operation["parameters"]?.elements ?? []).map { short -> HTML in
            let parameter = component(short, "parameters")
            let isRequired = parameter["required"]?.isTrue ?? false
            let mark: HTML = isRequired ? " <strong class=\"required\">required</strong>" : ""
            return """
                <tr><th scope="row"><code>\(parameter["name"]?.asString ?? "")</code>\(mark)</th>\
                <td>\(parameter["in"]?.asString ?? "")</td>\
                <td>\(schemas.kind(parameter["schema"] ?? .null))</td>\
                <td>\(Prose.line(parameter["description"]?.asString ?? ""))</td></tr>
                """
        }
        guard !rows.isEmpty else { return "" }
        return """
            <h3>Parameters</h3>
            <div class="scroll" role="group" aria-label="Parameters" tabindex="0"><table>
            <thead><tr><th scope="col">name</th><th scope="col">in</th><th scope="col">is</th>\
            <th scope="col">and means</th></tr></thead>
            <tbody>\(rows)</tbody></table></div>
            """
    }

    private func body(_ body: JSONValue?, of summary: String) -> HTML {
        guard let body else { return "" }
        let content = (body["content"]?.members ?? []).map { type, media -> HTML in
            let schema = media["schema"] ?? .null
            let examples = (media["examples"]?.members ?? []).map { name, example in
                Self.example(example["value"] ?? .null, name.replacing("_", with: " "))
            }
            let own = media["example"].map { Self.example($0, "an example") } ?? ""
            return """
                <p><code>\(type)</code>: \(schemas.kind(schema))</p>
                \(schemas.table(schema, label: "Body of: \(summary)"))\(examples)\(own)
                """
        }
        return "<h3>Body</h3>\(Prose.html(body["description"]?.asString ?? ""))\(content)"
    }

    private func answers(_ responses: [(String, JSONValue)], of summary: String) -> HTML {
        var answers: [HTML] = []
        var problems: [HTML] = []
        for (status, response) in responses {
            let content = response["content"]?.members.first
            if let (type, media) = content, type == Problem.contentType {
                let codes = (media["examples"]?.members ?? []).map { code, _ -> HTML in
                    "<li>\(status) <a href=\"/docs/problems/\(code)\"><code>\(code)</code></a></li>"
                }
                problems += codes
            } else {
                answers.append(answer(status, response, content, of: summary))
            }
        }
        let list: HTML = problems.isEmpty ? "" : "<h3>Problems</h3><ul class=\"codes\">\(problems)</ul>"
        return "<h3>Answers</h3>\(answers)\(list)"
    }

    private func answer(
        _ status: String,
        _ response: JSONValue,
        _ content: (String, JSONValue)?,
        of summary: String
    ) -> HTML {
        let headers = (response["headers"]?.members ?? []).map(\.0).filter { $0 != "X-Request-Id" }
        let named: HTML = headers.isEmpty ? "" : "<p>Headers: \(headers.joined(separator: ", "))</p>"
        guard let (type, media) = content else {
            return "<h4>\(status)</h4>\(Prose.html(response["description"]?.asString ?? ""))\(named)"
        }
        let schema = media["schema"] ?? .null
        return """
            <h4>\(status)</h4>\(Prose.html(response["description"]?.asString ?? ""))
            <p><code>\(type)</code>: \(schemas.kind(schema))</p>\(named)
            \(schemas.table(schema, label: "Answer \(status) to: \(summary)"))
            \(media["example"].map { Self.example($0, "an example") } ?? "")
            """
    }

    static func example(_ value: JSONValue, _ caption: String) -> HTML {
        let text = value.asString ?? value.indented()
        return """
            <figure><figcaption>\(caption)</figcaption>\
            <pre role="group" aria-label="\(caption)" tabindex="0"><code>\(text)</code></pre></figure>
            """
    }

    private func component(_ short: JSONValue, _ kind: String) -> JSONValue {
        guard let name = short["$ref"]?.asString?.split(separator: "/").last,
            let target = document["components"]?[kind]?[String(name)]
        else { return short }
        return target
    }
}

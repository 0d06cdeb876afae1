import Dashboard

/// Schemas as people read them: what a value may be, in a few words, and an object's members in a table.
struct SchemaText: Sendable {
    /// The document, in which references are looked up.
    let document: JSONValue

    /// A schema itself, where it is only referred to.
    func resolved(_ schema: JSONValue) -> JSONValue {
        guard let name = Self.name(schema), let target = document["components"]?["schemas"]?[name] else {
            return schema
        }
        return target
    }

    /// The members of an object, with those of everything that it is put together from; nothing for what is no object.
    func table(_ schema: JSONValue, label: String) -> HTML {
        let rows = rows(schema)
        guard !rows.isEmpty else { return "" }
        return """
            <div class="scroll" role="group" aria-label="\(label)" tabindex="0"><table>
            <thead><tr><th scope="col">member</th><th scope="col">is</th><th scope="col">and means</th></tr></thead>
            <tbody>\(rows)</tbody></table></div>
            """
    }

    private func rows(_ schema: JSONValue) -> [HTML] {
        let schema = resolved(schema)
        let required = Set((schema["required"]?.elements ?? []).compactMap(\.asString))
        let own = (schema["properties"]?.members ?? []).map { name, member -> HTML in
            let mark: HTML = required.contains(name) ? " <strong class=\"required\">required</strong>" : ""
            return """
                <tr><th scope="row"><code>\(name)</code>\(mark)</th><td>\(kind(member))</td>\
                <td>\(Prose.line(member["description"]?.asString ?? ""))\(bounds(member))</td></tr>
                """
        }
        return (schema["allOf"]?.elements ?? []).flatMap { rows($0) } + own
    }

    /// What a value may be: `string`, `array of Message`, `"to" or "cc"`.
    func kind(_ schema: JSONValue) -> HTML {
        if let name = Self.name(schema) { return "<a href=\"/docs/objects#\(name)\">\(name)</a>" }
        if let choices = schema["oneOf"] ?? schema["anyOf"] { return Self.joined(choices.elements.map { kind($0) }) }
        if let value = schema["const"] { return "<code>\(value.text)</code>" }
        if let values = schema["enum"] {
            return Self.joined(values.elements.map { value -> HTML in "<code>\(value.text)</code>" })
        }
        guard let type = schema["type"] else { return "anything" }
        let names = type.asString.map { [$0] } ?? type.elements.compactMap(\.asString)
        return Self.joined(names.map { kind(named: $0, of: schema) })
    }

    private func kind(named name: String, of schema: JSONValue) -> HTML {
        switch name {
        case "array": return schema["items"].map { item -> HTML in "array of \(kind(item))" } ?? "array"
        case "object":
            guard let values = schema["additionalProperties"], case .object = values else {
                return "object"
            }
            return "object whose values are \(kind(values))"
        case "string": return schema["format"]?.asString.map { format -> HTML in "string (\(format))" } ?? "string"
        default: return "\(name)"
        }
    }

    private func bounds(_ schema: JSONValue) -> HTML {
        let words = [
            ("minimum", "at least"), ("maximum", "at most"), ("minLength", "characters, at least"),
            ("maxLength", "characters, at most"), ("minItems", "elements, at least"),
            ("maxItems", "elements, at most"), ("default", "unless it is given:"),
        ]
        let told = words.compactMap { name, words in schema[name].map { "\(words) \($0.text)" } }
        guard !told.isEmpty else { return "" }
        return " <small>(\(told.joined(separator: "; ")))</small>"
    }

    private static func joined(_ parts: [HTML]) -> HTML {
        var html: HTML = ""
        for (index, part) in parts.enumerated() {
            if index > 0 { html += index == parts.count - 1 ? " or " : ", " }
            html += part
        }
        return html
    }

    private static func name(_ schema: JSONValue) -> String? {
        schema["$ref"]?.asString?.split(separator: "/").last.map(String.init)
    }
}

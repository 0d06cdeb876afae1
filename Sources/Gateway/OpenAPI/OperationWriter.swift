import HTTPTypes

/// Writes out an operation: fragments name what OpenAPI spells out, so that a hundred answers say the same.
struct OperationWriter {
    /// Whoever may ask.
    private enum Access {
        case anybody
        case tenant(scope: String)
        case admin
    }

    let tag: String
    let problems: ProblemCatalogue

    /// - Throws: `APIDocumentError` for a member that is unknown or missing, and for an unknown problem.
    func operation(_ short: JSONValue, at place: String) throws(APIDocumentError) -> JSONValue {
        let known = [
            "id", "access", "summary", "description", "parameters", "body", "answers", "problems",
        ]
        for (name, _) in short.members where !known.contains(name) {
            throw APIDocumentError("\(place): unknown member '\(name)'")
        }
        guard let id = short["id"]?.asString, let summary = short["summary"]?.asString,
            let access = short["access"]?.asString.map(Self.access), let answers = short["answers"]
        else { throw APIDocumentError("\(place) needs id, access, summary and answers") }
        var members: [(String, JSONValue)] = [
            ("operationId", .string(id)), ("tags", .array([.string(tag)])), ("summary", .string(summary)),
        ]
        if let description = short["description"] { members.append(("description", description)) }
        members.append(("security", Self.security(access)))
        if let parameters = short["parameters"] {
            members.append(("parameters", .array(parameters.elements.map(Self.parameter))))
        }
        if let body = short["body"] { members.append(("requestBody", Self.body(body))) }
        var responses = answers.members.map { ($0.0, Self.answer($0.1, access)) }
        let codes =
            Self.common(access, hasBody: short["body"] != nil)
            + (short["problems"]?.elements ?? [])
            .compactMap(\.asString)
        let refusals = try refusals(codes)
        if let twice = refusals.first(where: { refusal in responses.contains { $0.0 == refusal.0 } }) {
            throw APIDocumentError("\(place) describes \(twice.0) as an answer and as a problem")
        }
        responses += refusals
        members.append(("responses", .object(responses)))
        return .object(members)
    }

    private static func access(_ word: String) -> Access {
        switch word {
        case "anybody": .anybody
        case "admin": .admin
        default: .tenant(scope: word)
        }
    }

    private static func security(_ access: Access) -> JSONValue {
        switch access {
        case .anybody: .array([])
        case .tenant(let scope): .array([.object([("tenant_key", .array([.string(scope)]))])])
        case .admin: .array([.object([("admin_key", .array([]))])])
        }
    }

    /// What every operation of a kind may be refused with.
    private static func common(_ access: Access, hasBody: Bool) -> [String] {
        var codes = ["invalid_request", "internal"]
        switch access {
        case .anybody: break
        case .tenant:
            codes += [
                "invalid_key", "missing_scope", "invalid_query", "rate_limited", "database_unavailable", "overloaded",
                "draining",
            ]
        case .admin:
            codes += [
                "invalid_key", "missing_scope", "invalid_query", "database_unavailable", "overloaded", "draining",
            ]
        }
        if hasBody {
            codes += ["invalid_json", "unsupported_media_type", "too_large", "request_timeout", "overloaded"]
            if case .tenant = access { codes.append("queue_full") }
        }
        return codes
    }

    private static func parameter(_ short: JSONValue) -> JSONValue {
        guard let name = short.asString else { return APIDocument.spelled(short) }
        return .object([("$ref", .string("#/components/parameters/\(name)"))])
    }

    private static func body(_ short: JSONValue) -> JSONValue {
        var media: [(String, JSONValue)] = [("schema", APIDocument.schema(short["schema"] ?? .object([])))]
        if let examples = short["examples"] {
            media.append(
                ("examples", .object(examples.members.map { ($0.0, .object([("value", $0.1)])) }))
            )
        }
        let type = short["type"]?.asString ?? "application/json"
        var members: [(String, JSONValue)] = [
            ("required", .bool(!(short["optional"]?.isTrue ?? false))),
            ("content", .object([(type, .object(media))])),
        ]
        if let description = short["description"] { members.insert(("description", description), at: 0) }
        return .object(members)
    }

    private static func answer(_ short: JSONValue, _ access: Access) -> JSONValue {
        var headers: [(String, JSONValue)] = [("X-Request-Id", header("RequestId"))]
        if case .tenant = access {
            headers += [("RateLimit-Policy", header("RateLimitPolicy")), ("RateLimit", header("RateLimit"))]
        }
        for name in (short["headers"]?.elements ?? []).compactMap(\.asString) {
            headers.append((name, header(name.filter { $0 != "-" })))
        }
        var members: [(String, JSONValue)] = [
            ("description", short["description"] ?? .string("")), ("headers", .object(headers)),
        ]
        if let schema = short["schema"] {
            var media: [(String, JSONValue)] = [("schema", APIDocument.schema(schema))]
            if let example = short["example"] { media.append(("example", example)) }
            let type = short["type"]?.asString ?? "application/json"
            members.append(("content", .object([(type, .object(media))])))
        }
        if let links = short["links"] { members.append(("links", links)) }
        return .object(members)
    }

    /// The problems of an operation, each status once.
    private func refusals(_ names: [String]) throws(APIDocumentError) -> [(String, JSONValue)] {
        var byStatus: [Int: [String]] = [:]
        for name in names {
            let status = try problems.entry(name).code.status.code
            if byStatus[status]?.contains(name) != true { byStatus[status, default: []].append(name) }
        }
        return byStatus.sorted { $0.key < $1.key }.map { status, names in
            (String(status), Self.refusal(status, names))
        }
    }

    private static func refusal(_ status: Int, _ names: [String]) -> JSONValue {
        var headers = [("X-Request-Id", header("RequestId"))]
        if status == 401 { headers.append(("WWW-Authenticate", header("WWWAuthenticate"))) }
        if status == 429 || status == 503 { headers.append(("Retry-After", header("RetryAfter"))) }
        let schema = JSONValue.object([
            (
                "allOf",
                .array([
                    .object([("$ref", .string("#/components/schemas/Problem"))]),
                    .object([
                        (
                            "properties",
                            .object([("code", .object([("enum", .array(names.map(JSONValue.string)))]))])
                        )
                    ]),
                ])
            )
        ])
        let examples = names.map { name in
            let reference = "#/components/examples/\(ProblemCatalogue.exampleName(name))"
            return (name, JSONValue.object([("$ref", .string(reference))]))
        }
        let media = JSONValue.object([("schema", schema), ("examples", .object(examples))])
        return .object([
            ("description", .string(names.map { "`\($0)`" }.joined(separator: ", "))),
            ("headers", .object(headers)),
            ("content", .object([(Problem.contentType, media)])),
        ])
    }

    private static func header(_ name: String) -> JSONValue {
        .object([("$ref", .string("#/components/headers/\(name)"))])
    }
}

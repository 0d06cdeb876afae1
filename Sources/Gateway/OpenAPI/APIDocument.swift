import APIText

/// An OpenAPI 3.1 document, put together from fragments (api/README.md says what these are).
struct APIDocument: Sendable {
    /// All of it but `servers`.
    let json: JSONValue
    let problems: ProblemCatalogue

    /// - Throws: `APIDocumentError`, or Yams's words.
    init(_ files: [Fragments.File]) throws {
        try self.init(fragments: try files.map { ($0.name, try YAMLText.value($0.yaml)) })
    }

    init(fragments: [(name: String, json: JSONValue)]) throws(APIDocumentError) {
        problems = try ProblemCatalogue(fragments.flatMap { $0.json["problems"]?.members ?? [] })
        var info: JSONValue?
        var tags: [JSONValue] = []
        var paths = MemberList()
        var webhooks = MemberList()
        var components: [(String, MemberList)] = Self.componentNames.map { ($0, MemberList()) }
        for (name, fragment) in fragments {
            for (member, _) in fragment.members where !Self.members.contains(member) {
                throw APIDocumentError("\(name): unknown member '\(member)'")
            }
            if let own = fragment["info"] { info = own }
            if let tag = fragment["tag"] { tags.append(tag) }
            let writer = OperationWriter(tag: fragment["tag"]?["name"]?.asString ?? name, problems: problems)
            for (path, methods) in fragment["paths"]?.members ?? [] {
                var operations: [(String, JSONValue)] = []
                for (method, short) in methods.members {
                    operations.append((method, try writer.operation(short, at: "\(method) \(path)")))
                }
                try paths.add(path, .object(operations))
            }
            for (event, short) in fragment["webhooks"]?.members ?? [] {
                try webhooks.add(event, Self.webhook(short, event: event))
            }
            for index in components.indices {
                for (component, value) in fragment[components[index].0]?.members ?? [] {
                    try components[index].1.add(component, Self.spelled(value))
                }
            }
        }
        components.append(("examples", MemberList(problems.examples)))
        var members: [(String, JSONValue)] = [("openapi", .string("3.1.0")), ("info", info ?? .null)]
        members += [("tags", .array(tags)), ("paths", .object(paths.members))]
        if !webhooks.members.isEmpty { members.append(("webhooks", .object(webhooks.members))) }
        members.append(("components", .object(components.map { ($0.0, .object($0.1.members)) })))
        json = .object(members)
    }

    /// The document with where it is served.
    func json(server: String) -> JSONValue {
        var members = json.members
        members.insert(("servers", .array([.object([("url", .string(server))])])), at: 2)
        return .object(members)
    }

    private static let componentNames = ["schemas", "parameters", "headers", "securitySchemes"]
    private static let members = Set(["info", "tag", "paths", "webhooks", "problems"] + componentNames)

    /// A schema: its name, or itself.
    static func schema(_ short: JSONValue) -> JSONValue {
        guard let name = short.asString else { return spelled(short) }
        return .object([("$ref", .string("#/components/schemas/\(name)"))])
    }

    private static let verbatim: Set = ["example", "examples", "const", "enum"]

    /// With every `ref: Name` spelled out.
    static func spelled(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let members):
            return .object(
                members.map { name, member in
                    if name == "ref", let target = member.asString {
                        return ("$ref", .string("#/components/schemas/\(target)"))
                    }
                    // What stands in an example is an example.
                    return (name, verbatim.contains(name) ? member : spelled(member))
                }
            )
        case .array(let elements): return .array(elements.map(spelled))
        default: return value
        }
    }

    /// A request of ours to a tenant's endpoint (Standard Webhooks).
    private static func webhook(_ short: JSONValue, event: String) -> JSONValue {
        let headers = ["WebhookId", "WebhookTimestamp", "WebhookSignature"].map { name in
            JSONValue.object([("$ref", .string("#/components/parameters/\(name)"))])
        }
        let media = JSONValue.object([
            ("schema", schema(short["schema"] ?? .null)), ("example", short["example"] ?? .null),
        ])
        let operation = JSONValue.object([
            ("operationId", .string("webhook." + event)),
            ("summary", short["summary"] ?? .null),
            ("description", short["description"] ?? short["summary"] ?? .null),
            ("parameters", .array(headers)),
            (
                "requestBody",
                .object([("required", .bool(true)), ("content", .object([("application/json", media)]))])
            ),
            (
                "responses",
                .object([
                    ("2XX", .object([("description", .string("It was taken."))])),
                    ("410", .object([("description", .string("The endpoint is gone: it is disabled."))])),
                    ("default", .object([("description", .string("It is sent again, by the schedule."))])),
                ])
            ),
        ])
        return .object([("post", operation)])
    }
}

/// Members of an object, each name once.
private struct MemberList {
    private(set) var members: [(String, JSONValue)] = []
    private var names: Set<String> = []

    init(_ members: [(String, JSONValue)] = []) {
        self.members = members
        names = Set(members.map(\.0))
    }

    mutating func add(_ name: String, _ value: JSONValue) throws(APIDocumentError) {
        guard names.insert(name).inserted else { throw APIDocumentError("'\(name)' is described twice") }
        members.append((name, value))
    }
}

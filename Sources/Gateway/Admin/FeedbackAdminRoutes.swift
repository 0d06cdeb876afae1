import Directory
import Hummingbird

/// `/admin/feedback`, `/admin/feedback/kept` and `/admin/alarms`.
struct FeedbackAdminRoutes: Sendable {
    let services: AdminServices

    func add(to group: RouterGroup<AdminContext>) {
        group.get("feedback") { request, _ in try await figures(request) }
        group.get("feedback/kept") { request, _ in try await kept(request) }
        group.get("alarms") { request, _ in try await alarms(request) }
        // An object may hold slashes.
        group.delete("alarms/:account/:kind/**") { request, context in try await clear(request, context) }
    }

    private func figures(_ request: Request) async throws -> Response {
        _ = try RequestQuery(request)
        let directory = try await services.latestDirectory()
        let figures = try await services.feedback.figures()
        return Response(
            .object([
                (
                    "data",
                    .array(figures.map { $0.json($0.account.flatMap { directory.account(named: $0) }) })
                )
            ])
        )
    }

    private func kept(_ request: Request) async throws -> Response {
        let query = try PageQuery<Int64>(request, filters: ["account"])
        let account = query.filters["account"]
        if let account { _ = try await services.account(account) }
        let kept = try await services.feedback.kept(
            account: account,
            limit: query.limit + 1,
            after: query.after,
            before: query.before
        )
        return Response(query.page(reading: kept).json(\.json))
    }

    private func alarms(_ request: Request) async throws -> Response {
        let query = try PageQuery<String>(request)
        let alarms = try await services.feedback.alarms().sorted { $0.id < $1.id }
        return Response(query.page(of: alarms, by: \.id).json(\.json))
    }

    private func clear(_ request: Request, _ context: AdminContext) async throws -> Response {
        _ = try RequestQuery(request)
        let object = context.parameters.getCatchAll().joined(separator: "/")
        guard let account = context.parameters.get("account").flatMap(PathText.decode),
            let kind = context.parameters.get("kind").flatMap(PathText.decode),
            let object = PathText.decode(object),
            try await services.feedback.clearAlarm(
                account: account,
                kind: kind,
                object: object,
                actor: context.actor
            )
        else { throw Problem.notFound("there is no such alarm") }
        return Response(status: .noContent)
    }
}

extension FeedbackFigures {
    fileprivate func json(_ configured: Account?) -> JSONValue {
        .object([
            ("account", .string(account)),
            ("sns_topics", .array((configured?.snsTopics ?? []).map(JSONValue.string))),
            ("sqs_queue_url", .string(configured?.sqsQueueURL)),
            ("sources", .array(sources.map(\.json))),
            ("kept", .object(kept.sorted { $0.key < $1.key }.map { ($0.key, .number($0.value)) })),
        ])
    }
}

extension FeedbackFigures.Source {
    fileprivate var json: JSONValue {
        .object([
            ("source", .string(source)),
            ("confirmed_at", .time(confirmedAt)),
            ("ended_at", .time(endedAt)),
            ("received_at", .time(receivedAt)),
            ("event_at", .time(eventAt)),
            ("events", .number(events)),
        ])
    }
}

extension KeptFeedback {
    fileprivate var json: JSONValue {
        .object([
            ("id", .number(id)),
            ("at", .time(at)),
            ("account", .string(account)),
            ("source", .string(source)),
            ("reason", .string(reason)),
            ("detail", .string(detail)),
            ("body", .string(body)),
        ])
    }
}

extension OperatorAlarm {
    /// Its place in the list, and its path below `/admin/alarms`.
    fileprivate var id: String { "\(account)/\(kind)/\(object)" }

    fileprivate var json: JSONValue {
        .object([
            ("id", .string(id)),
            ("account", .string(account)),
            ("kind", .string(kind)),
            ("object", .string(object)),
            ("detail", .string(detail)),
            ("times", .number(times)),
            ("first_at", .time(firstAt)),
            ("last_at", .time(lastAt)),
        ])
    }
}

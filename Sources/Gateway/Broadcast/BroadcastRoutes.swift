import Directory
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Mail
import NIOCore
import Outbox

/// `POST /send/broadcast`: one message to very many, read line by line; 202 once all of it is committed.
struct BroadcastRoutes: Sendable {
    /// Of the first line, whatever must be escaped of its texts; and of each other.
    private static let headBytes = 4 << 20
    private static let lineBytes = 64 << 10
    /// Recipients that are read back and written at once.
    private static let chunk = 1000

    private static let idempotencyKey = HTTPField.Name("Idempotency-Key")

    private let acceptor: any BroadcastAccepting
    private let templates: any TemplateResolving
    private let composer: MessageComposer
    private let timeout: Duration
    private let gate: BroadcastGate
    private let room: BodyBudget

    init(acceptor: any BroadcastAccepting, templates: any TemplateResolving, configuration: GatewayConfiguration) {
        self.acceptor = acceptor
        self.templates = templates
        composer = MessageComposer(maximumMessageBytes: configuration.maximumMessageBytes)
        timeout = configuration.broadcastTimeout
        gate = BroadcastGate(maximum: configuration.maximumBroadcasts)
        room = BodyBudget(limit: configuration.maximumSpoolBytes)
    }

    func add(to group: RouterGroup<TenantContext>) {
        group.post("send/broadcast") { request, context in try await send(request, context) }
    }

    private func send(_ request: Request, _ context: TenantContext) async throws -> Response {
        _ = try RequestQuery(request)
        try SendRoutes.refusePaused(context.tenant)
        let type = (request.headers[.contentType] ?? "").prefix { $0 != ";" && $0 != " " }.lowercased()
        guard type == "application/x-ndjson" else {
            throw Problem(.unsupportedMediaType, "send the body as 'Content-Type: application/x-ndjson', in UTF-8")
        }
        try BodyReader.refuseCoded(request.headers)
        // Better than to take it and do nothing with it.
        if let name = Self.idempotencyKey, request.headers.contains(name) {
            throw Problem(.invalidRequest, "a broadcast takes no Idempotency-Key; it is wholly in once it was answered")
        }
        return try await gate.pass(context.tenant.id) {
            let intake = try await read(request, context)
            try context.record.recheck()
            try check(intake.plan.message, context.latest.tenant)
            let message = try intake.finish(ids: composer.ids, now: Date())
            let spool = intake.spool
            let limits = context.tenant.limits.accept
            let status = try await acceptor.accept(message, count: spool.count, limits: limits) {
                try spool.next(Self.chunk)
            }
            context.record.message = message.id.description
            return Response(
                .object([
                    ("id", .string(message.id.description)), ("status", .string(status.rawValue)),
                    ("recipients", .number(spool.count)),
                ]),
                status: .accepted
            )
        }
    }

    /// The first line was judged when the others were still to come, which may be minutes ago.
    private func check(_ message: NewMessage, _ tenant: Tenant) throws {
        try SendRoutes.refusePaused(tenant)
        if let sender = try? EmailAddress(parsing: message.sender), let refusal = tenant.refusal(of: sender) {
            throw Problem(.fromNotAllowed, refusal, errors: [ValidationFailure(pointer: "/from", detail: refusal)])
        }
    }

    /// Reads all lines, in bounded memory.
    private func read(_ request: Request, _ context: TenantContext) async throws -> BroadcastIntake {
        let deadline = ContinuousClock().now.advanced(by: timeout)
        let pace = UploadPace()
        let announced = request.headers[.contentLength].flatMap { Int($0) }
        var received = 0
        var splitter = LineSplitter()
        var turn = ThreadTurn()
        var intake: BroadcastIntake?
        // The first line needs the database to be understood, so lines wait here until it is.
        var waiting: [(bytes: [UInt8], line: Int)] = []
        func maximum(_ line: Int) -> Int { intake == nil && waiting.isEmpty ? Self.headBytes : Self.lineBytes }
        func take() async throws {
            for (bytes, line) in waiting {
                await turn.pass()
                try Self.check(deadline)
                if intake == nil {
                    intake = try await begin(bytes, context)
                } else {
                    try intake?.take(bytes, line: line)
                }
            }
            waiting.removeAll(keepingCapacity: true)
        }
        do {
            for try await part in request.body {
                try Self.check(deadline)
                received += part.readableBytes
                try pace.check(received)
                try splitter.push(part.readableBytesView, maximum: maximum) { waiting.append(($0, $1)) }
                try await take()
            }
            // Then the sequence ends as if the body did.
            try Task.checkCancellation()
            try splitter.end(maximum: maximum) { waiting.append(($0, $1)) }
            try await take()
        } catch let error as LineSplitter.TooLong {
            throw Problem(.tooLarge, "line \(error.line) is too long", closesConnection: true)
        } catch let problem as Problem {
            throw problem
        } catch is CancellationError {
            throw Problem.draining()
        } catch  where Problem(mapping: error) != nil {
            throw error
        } catch {
            throw Problem(.invalidJSON, "the body could not be read to its end", closesConnection: true)
        }
        // NIO throws when a connection ends before its request; Hummingbird does not promise it.
        if let announced, received < announced {
            throw Problem(
                .invalidJSON,
                "the body ended after \(received) of \(announced) bytes",
                closesConnection: true
            )
        }
        context.record.hasReadBody = true
        guard let intake else { throw Problem(.invalidJSON, "the body is empty; its first line is the message") }
        return intake
    }

    private static func check(_ deadline: ContinuousClock.Instant) throws(Problem) {
        guard ContinuousClock().now < deadline else {
            throw Problem(.requestTimeout, "the body took too long to arrive", closesConnection: true)
        }
    }

    private func begin(_ bytes: [UInt8], _ context: TenantContext) async throws -> BroadcastIntake {
        let document = try JSONDocument(bytes)
        try document.requireUnique()
        let request = try SendRequest(of: document.root)
        let template = try await templates.template(of: request, tenantID: context.tenant.ownerID)
        let plan = try composer.broadcast(from: request, tenant: context.tenant, now: Date(), template: template)
        return BroadcastIntake(
            plan,
            builder: composer.builder,
            spool: try BroadcastSpool(budget: room, tenant: context.tenant.name)
        )
    }
}

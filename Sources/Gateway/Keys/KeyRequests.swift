import Directory
import FoundationEssentials
import HTTPTypes
import Hummingbird

/// What the routes of a tenant's keys and those of an admin have in common: they differ in whose keys there are, and in what may be
/// given out.
struct KeyRequests: Sendable {
    /// What a tenant may change of its keys a second on a node: each change has every node read the directory anew.
    private static let changesPerSecond = 20

    let services: KeyServices
    let bodies: BodyReader
    private let changes = RequestRates()

    init(services: KeyServices, bodies: BodyReader) {
        self.services = services
        self.bodies = bodies
    }

    /// Who asks, and for whose keys.
    struct Caller {
        let tenant: String
        let holder: KeyHolder
        /// The key that is asked with, than which no other may do more; nil: somebody who runs the gateway.
        let maker: KeyMaker?
        let actor: String
        let record: RequestRecord
        /// Where the keys are, for `Location`.
        let path: String
    }

    func list(_ request: Request, _ caller: Caller) async throws -> Response {
        let query = try PageQuery<ObjectID>(request)
        let keys = try await services.store.keys(
            of: caller.holder,
            limit: query.limit + 1,
            after: query.after?.uuid,
            before: query.before?.uuid
        )
        return Response(query.page(reading: keys).json { .object($0.members) })
    }

    func get(_ request: Request, _ id: UUID, _ caller: Caller) async throws -> Response {
        _ = try RequestQuery(request)
        guard let key = try await services.store.key(id, of: caller.holder) else { throw Problem.keyNotFound() }
        return Response(.object(key.members))
    }

    func create(_ request: Request, _ caller: Caller) async throws -> Response {
        _ = try RequestQuery(request)
        let wanted = try await change(request, caller)
        try requireRoom(caller)
        let issued = try await services.store.create(
            tenant: caller.tenant,
            wanted,
            within: caller.maker,
            actor: caller.actor
        )
        await services.refresh()
        var response = Response(issued.json, status: .created)
        response.headers[.location] = "\(caller.path)/\(issued.id.text)"
        return response
    }

    func change(_ request: Request, _ id: UUID, _ caller: Caller) async throws -> Response {
        _ = try RequestQuery(request)
        let wanted = try await change(request, caller)
        try requireRoom(caller)
        let key = try await services.store.change(
            id,
            wanted,
            of: caller.holder,
            within: caller.maker,
            actor: caller.actor
        )
        await services.refresh()
        return Response(.object(key.members))
    }

    func rotate(_ request: Request, _ id: UUID, _ caller: Caller) async throws -> Response {
        _ = try RequestQuery(request)
        let wanted = try await bodies.decodeIfPresent(
            KeyRotation.self,
            from: request,
            record: caller.record,
            code: .invalidKeySettings
        )
        try requireRoom(caller)
        let issued = try await services.store.rotate(
            id,
            overlap: .seconds((wanted ?? .standard).overlap),
            of: caller.holder,
            within: caller.maker,
            actor: caller.actor
        )
        await services.refresh()
        return Response(issued.json)
    }

    func revoke(_ request: Request, _ id: UUID, _ caller: Caller) async throws -> Response {
        _ = try RequestQuery(request)
        try requireRoom(caller)
        try await services.store.revoke(id, of: caller.holder, by: caller.maker, actor: caller.actor)
        await services.refresh()
        return Response(status: .noContent)
    }

    /// Of tenants only.
    private func requireRoom(_ caller: Caller) throws(Problem) {
        guard caller.maker != nil, case .tenant(let id, _) = caller.holder else { return }
        let admission = changes.admit(id, rate: Self.changesPerSecond)
        guard admission.isAdmitted else {
            throw Problem(
                .rateLimited,
                "a tenant changes at most \(Self.changesPerSecond) keys a second; slow down and try again",
                retryAfter: admission.retryAfter
            )
        }
    }

    private func change(_ request: Request, _ caller: Caller) async throws -> KeyChange {
        try await bodies.decode(KeyRequest.self, from: request, record: caller.record, code: .invalidKeySettings)
            .checked(now: Date())
    }
}

extension Problem {
    /// The same for an id that is malformed, unknown, revoked or somebody else's.
    static func keyNotFound() -> Problem {
        Problem(.notFound, "there is no key with this id")
    }
}

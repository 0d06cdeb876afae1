import Foundation
import Outbound
import Testing

/// Two tenants of one node that does nothing but serve the API, so that what changes is changed by requests: one has something
/// of every kind, and the other one asks for it.
struct Neighbourhood: Sendable {
    static let owner = "quokka"
    static let stranger = "rival"

    static let plan: ClusterPlan = {
        var plan = ClusterPlan()
        // Nothing listens there, and the mail for it waits.
        plan.accounts.append(
            ClusterPlan.Account(name: "quokka-side", shares: ["UK": 5], endpoint: "http://127.0.0.1:9")
        )
        plan.tenants = [
            ClusterPlan.Tenant(
                name: owner,
                domains: [Estate.domain, "boss@quokka-mail.example"],
                regions: ["AT": "main/AT", Estate.region: "quokka-side/UK"]
            ),
            ClusterPlan.Tenant(name: stranger, domains: ["rival.example"], regions: ["AT": "main/AT"]),
        ]
        return plan
    }()

    let cluster: Cluster
    let node: Node
    let operations: [ServedOperation]
    let estate: Estate
    /// The tenant that has everything.
    let owner: Caller
    /// The one that asks, with a key that may do everything, and with its test key.
    let stranger: Caller
    let strangersTests: Caller
    /// What the stranger has itself, for each first part of a path.
    let own: [String: [String: String]]

    init(_ cluster: Cluster) async throws {
        let first = try await cluster.startNode(environment: ["SLUICE_ROLES": "gateway,dispatch"])
        var estate = try await Estate.make(
            Caller(name: "the owner", url: first.url, key: try cluster.api(Self.owner, at: first).key)
        )
        try await eventually("the address is erased") {
            try await cluster.rows(in: "erasure WHERE ended_at IS NOT NULL") == 1
        }
        first.process.signal(15)
        try await first.process.end()
        let node = try await cluster.startNode(environment: ["SLUICE_ROLES": "gateway"])
        owner = Caller(name: "the owner", url: node.url, key: try cluster.api(Self.owner, at: node).key)
        try await estate.addQueued(owner)
        let stranger = Caller(name: "the stranger", url: node.url, key: try cluster.api(Self.stranger, at: node).key)
        let tests = try await stranger.make(.post, "/keys", #"{"name": "tests", "test": true}"#)
        strangersTests = Caller(name: "the stranger's tests", url: node.url, key: try tests.string("key"))
        own = try await Self.objects(of: stranger)
        try estate.add(webhookOfAnother: own["webhooks"]?["id"] ?? "")
        self.cluster = cluster
        self.node = node
        self.stranger = stranger
        self.estate = estate
        operations = try await ServedOperation.all(of: node.url, sendingFrom: "rival.example")
            .filter { $0.scheme == "tenant_key" }
    }

    /// Something of each kind that the stranger has.
    private static func objects(of stranger: Caller) async throws -> [String: [String: String]] {
        let message = try await stranger.make(.post, "/send", message)
        try await stranger.make(.post, "/templates", #"{"name": "own", "subject": "own", "text": "own"}"#)
        let webhook = try await stranger.make(.post, "/webhooks", #"{"url": "https://rival.example/hook"}"#)
        let id = try webhook.string("id")
        let delivery = try await stranger.make(.post, "/webhooks/\(id)/test", "{}")
        try await stranger.make(.post, "/suppressions", #"{"email": "own@example.org"}"#)
        let key = try await stranger.make(.post, "/keys", #"{"name": "own"}"#)
        let erasure = try await stranger.make(.post, "/erasures", #"{"email": "erased@example.org"}"#)
        return [
            "messages": ["id": try message.string("id")],
            "templates": ["name": "own", "version": "1"],
            "webhooks": ["id": id, "delivery": try delivery.string("delivery")],
            "suppressions": ["email": "own@example.org"],
            "keys": ["id": try key.string("id")],
            "erasures": ["id": try erasure.string("id")],
            "domains": ["domain": "rival.example"],
            "reports": ["week": "last"],
        ]
    }

    static let message = #"{"from": "shop@rival.example", "to": "reader@example.org", "subject": "own", "text": "own"}"#

    /// The path of an operation with the stranger's own objects; nil where it has none for it.
    func ownPath(_ operation: ServedOperation) -> String? {
        let values = own[operation.collection] ?? [:]
        return operation.names.allSatisfy { values[$0] != nil } ? operation.path(values) : nil
    }

    /// Records what an answer shows of the owner's.
    ///
    /// - Parameter question: what the caller wrote itself, which may stand in the answer.
    func expectNothing(in answer: String, to question: String, _ caller: Caller, _ what: String) {
        // What is asked in other letters may be answered in plain ones.
        let (answer, question) = (answer.lowercased(), question.precomposedStringWithCompatibilityMapping.lowercased())
        let shown = estate.marks.filter { answer.contains($0.lowercased()) && !question.contains($0.lowercased()) }
        #expect(shown.isEmpty, "\(caller.name), \(what): \(shown) in \(answer.prefix(2000))")
    }

    /// Asks for something of the owner's and for something that nobody has, and wants to hear the same.
    ///
    /// - Parameter codes: of problems, one of which is to be the answer; nil: any answer will do.
    func expectAlike(
        _ caller: Caller,
        _ operation: ServedOperation,
        _ pairs: [Pair],
        codes: Set<String>? = nil,
        _ request: (_ value: (Pair) -> String) -> (path: String, body: ServedOperation.Body?)
    ) async throws {
        let (theirs, nobodys) = (request { $0.theirs }, request { $0.nobodys })
        // An answer may say a part of what was asked for, such as the domain of an address.
        let words = pairs.map { ($0.theirs, $0.nobodys) } + [(Estate.word, Estate.otherWord)]
        let first = try await caller.ask(operation.method, theirs.path, theirs.body)
        let second = try await caller.ask(operation.method, nobodys.path, nobodys.body)
        #expect(
            first.said(replacing: words) == second.said(replacing: words),
            "\(caller.name), \(operation) as \(theirs.path)"
        )
        if let codes {
            let code = try? first.problem().code
            #expect(codes.contains(code ?? ""), "\(caller.name), \(operation): \(first.status) \(first.text)")
        }
        let question = theirs.path + String(decoding: theirs.body?.bytes ?? [], as: UTF8.self)
        expectNothing(in: "\(first.said())", to: question, caller, "\(operation)")
    }
}

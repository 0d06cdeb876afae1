import Foundation
import Outbound

/// A value that somebody owns, and one of the same form and length that nobody does.
struct Pair: Sendable, Hashable {
    let theirs: String
    let nobodys: String

    init(_ theirs: String, _ nobodys: String) {
        self.theirs = theirs
        self.nobodys = nobodys
    }

    /// Of an id or a name its neighbour, so that nothing lies between the two in any list.
    init(_ theirs: String) throws {
        self.init(theirs, theirs.replacing(Estate.word, with: Estate.otherWord))
        guard theirs == nobodys else { return }
        guard theirs.count == 36 else { throw TestFailure("'\(theirs)' is neither an id nor named '\(Estate.word)'") }
        var characters = Array(theirs)
        // Behind it are the bits that number a message's recipients.
        characters[31] = characters[31] == "0" ? "1" : "0"
        self.init(theirs, String(characters))
    }

    /// Where the value names nothing by itself.
    static func plain(_ value: String) -> Pair { Pair(value, value) }
}

/// What one tenant has: something of every kind, and everything that can be named has its word in it.
struct Estate: Sendable {
    static let word = "quokka"
    /// What takes its place in names that nobody has: so near that nothing lies between the two in any list.
    static let otherWord = "quokkb"
    static let domain = "quokka.example"
    static let region = "QUOKKA"
    static let reader = "reader@quokka.example"

    /// What paths name, by their first part.
    private(set) var objects: [String: [[String: Pair]]] = [:]
    /// What nobody else is ever to be shown.
    private(set) var marks: Set<String> = [word]

    /// Makes all that needs the mail to be sent.
    static func make(_ owner: Caller) async throws -> Estate {
        var estate = Estate()
        try await estate.addSettings(owner)
        try await estate.addMail(owner)
        try await estate.addTests(owner)
        return estate
    }

    /// What the paths of an operation can be filled with; nothing where the walk has no object for it.
    func values(for operation: ServedOperation) -> Set<[String: Pair]> {
        let names = operation.names
        let known = (objects[operation.collection] ?? []).filter { values in names.allSatisfy { values[$0] != nil } }
        return Set(known.map { values in values.filter { names.contains($0.key) } })
            .filter { $0.values.contains { $0.theirs != $0.nobodys } }
    }

    /// The first value of its kind.
    func value(_ name: String, of collection: String) throws -> Pair {
        guard let pair = objects[collection]?.lazy.compactMap({ $0[name] }).first else {
            throw TestFailure("there is no \(name) of \(collection)")
        }
        return pair
    }

    private mutating func add(_ collection: String, _ values: [String: Pair]) {
        objects[collection, default: []].append(values)
        for pair in values.values where pair.theirs.count == 36 { marks.insert(pair.theirs) }
    }

    /// So that a second tenant's webhook can be asked for a delivery of the first one's.
    mutating func add(webhookOfAnother id: String) throws {
        let delivery = try value("delivery", of: "webhooks")
        objects["webhooks", default: []].append(["id": .plain(id), "delivery": delivery])
    }

    // MARK: Settings

    private mutating func addSettings(_ owner: Caller) async throws {
        let source = #""subject": "quokka {{name}}", "text": "quokka""#
        try await owner.make(.post, "/templates", #"{"name": "quokka-order", \#(source)}"#)
        try await owner.make(.put, "/templates/quokka-order", #"{\#(source), "html": "<p>quokka</p>"}"#)
        for version in ["1", "2"] {
            add("templates", ["name": try Pair("quokka-order"), "version": .plain(version)])
        }
        let webhook = try await owner.make(
            .post,
            "/webhooks",
            #"{"url": "https://quokka.example/hook", "description": "quokka", "filter": {"tags": {"quokka": "quokka"}}}"#
        )
        let id = try webhook.string("id")
        marks.insert(try webhook.string("secret"))
        let test = try await owner.make(.post, "/webhooks/\(id)/test", "{}")
        add("webhooks", ["id": try Pair(id), "delivery": try Pair(try test.string("delivery"))])
        marks.insert(try test.string("event_id"))
        for (email, stream) in [("gone@quokka.example", "null"), ("bulk@quokka.example", #""bulk""#)] {
            try await owner.make(
                .post,
                "/suppressions",
                #"{"email": "\#(email)", "detail": "quokka", "stream": \#(stream)}"#
            )
            add("suppressions", ["email": try Pair(email)])
        }
        let key = try await owner.make(.post, "/keys", #"{"name": "quokka shop", "scopes": ["send"]}"#)
        marks.insert(try key.string("key"))
        add("keys", ["id": try Pair(try key.string("id"))])
        for sender in [Self.domain, "boss@quokka-mail.example"] { add("domains", ["domain": try Pair(sender)]) }
        let erasure = try await owner.make(.post, "/erasures", #"{"email": "erased@quokka.example"}"#)
        add("erasures", ["id": try Pair(try erasure.string("id"))])
    }

    // MARK: Mail

    /// The body of a message that has the word wherever it can.
    static func message(to: String = reader, _ more: String = "") -> String {
        #"{"from": "Quokka <shop@quokka.example>", "to": "\#(to)", "subject": "quokka", "text": "quokka", "#
            + #""tags": {"quokka": "quokka"}, "metadata": {"quokka": "quokka"}\#(more)}"#
    }

    private mutating func send(_ caller: Caller, _ body: String, headers: [(String, String)] = []) async throws
        -> String
    {
        let id = try await caller.make(.post, "/send", body, headers: headers).string("id")
        add("messages", ["id": try Pair(id)])
        return id
    }

    private mutating func addMail(_ owner: Caller) async throws {
        var ended = [
            try await send(owner, Self.message()),
            try await send(owner, Self.message(), headers: [("Idempotency-Key", "quokka-once")]),
            try await send(owner, Self.message(to: "gone@quokka.example")),
        ]
        let broadcast = try await owner.make(
            .post,
            "/send/broadcast",
            #"{"from": "shop@quokka.example", "template": "quokka-order", "data": {"name": "quokka"}}"#
                + "\n{\"to\": \"a@quokka.example\", \"data\": {\"name\": \"quokka\"}}\n{\"to\": \"b@quokka.example\"}\n",
            type: "application/x-ndjson"
        ).string("id")
        add("messages", ["id": try Pair(broadcast)])
        ended.append(broadcast)
        let later = Date().addingTimeInterval(10 * 86_400).formatted(.iso8601)
        let times = #", "scheduled_at": "\#(later)", "expires_at": "2099-01-01T00:00:00Z""#
        _ = try await send(owner, Self.message(times))
        let canceled = try await send(owner, Self.message(times))
        try await owner.make(.post, "/messages/\(canceled)/cancel")
        _ = try await TenantAPI(url: owner.url, key: owner.key ?? "").ended(ended)
    }

    /// Mail that is queued and stays so where nobody sends.
    mutating func addQueued(_ owner: Caller) async throws {
        _ = try await send(owner, Self.message())
    }

    /// Mail of a test key, which gets to the states that only SES's word leads to.
    private mutating func addTests(_ owner: Caller) async throws {
        let made = try await owner.make(.post, "/keys", #"{"name": "quokka tests", "test": true}"#)
        marks.insert(try made.string("key"))
        add("keys", ["id": try Pair(try made.string("id"))])
        let caller = Caller(name: "the owner's tests", url: owner.url, key: try made.string("key"))
        for (mailbox, status) in ["bounce": "bounced", "complaint": "complained", "success": "delivered"] {
            let id = try await send(caller, Self.message(to: "\(mailbox)+quokka@simulator.amazonses.com"))
            try await eventually("\(mailbox) is answered") {
                try await caller.make(.get, "/messages/\(id)").string("status") == status
            }
        }
    }
}

import Foundation
import Outbound
import Testing

/// What a tenant may try to learn of another one with keys of its own.
extension Neighbourhood {
    /// Every operation is asked for each of the owner's objects that its path can name.
    func askForObjects(_ caller: Caller, codes: Set<String>) async throws {
        // A week is nobody's.
        for operation in operations where !operation.names.isEmpty && operation.names != ["week"] {
            let values = estate.values(for: operation)
            #expect(!values.isEmpty, "the walk has no object for \(operation): give the owner one in Estate.swift")
            for pairs in values {
                for body in operation.bodies {
                    try await expectAlike(caller, operation, Array(pairs.values), codes: codes) { value in
                        (operation.path(pairs.mapValues(value)), body)
                    }
                }
                guard operation.method == .get else { continue }
                let path = operation.path(pairs.mapValues(\.theirs))
                #expect(try await caller.ask(.head, path).status == 404, "HEAD \(path)")
            }
        }
    }

    /// Filters and places that name nothing of anybody's.
    private static let plain: Set<String> = [
        "limit", "status", "reason", "type", "wait", "created_after", "created_before", "events.after", "usage.from",
        "usage.to",
    ]

    private func queries() throws -> [String: Pair] {
        let region = Pair(Estate.region, Estate.otherWord.uppercased())
        return [
            "messages.to": try Pair(Estate.reader), "messages.from": try Pair(Estate.domain),
            "messages.tag": try Pair("quokka:quokka"), "messages.region": region,
            "recipients.domain": try Pair(Estate.domain), "recipients.region": region,
            "recipients.csv.domain": try Pair(Estate.domain), "recipients.csv.region": region,
            "suppressions.email": try Pair("gone@quokka.example"), "suppressions.domain": try Pair(Estate.domain),
        ]
    }

    /// Every parameter of a query is given what names something of the owner's. Places in lists too, which are values and no
    /// questions.
    func askByQuery(_ caller: Caller) async throws {
        let queries = try queries()
        for operation in operations {
            guard let path = ownPath(operation) else { continue }
            for name in operation.queryNames {
                let full = "\(operation.collection).\(name)"
                if Self.plain.contains(name) || Self.plain.contains(full) { continue }
                var pairs = queries[full].map { [$0] } ?? []
                if ["after", "before"].contains(name) {
                    let names = ["messages": "id", "templates": "name", "suppressions": "email", "domains": "domain"]
                    let place = operation.collection == "recipients" ? "messages" : operation.collection
                    pairs.append(try estate.value(names[place] ?? "id", of: place))
                }
                #expect(!pairs.isEmpty, "the walk has no value for '\(name)' of \(operation)")
                for pair in pairs {
                    try await expectAlike(caller, operation, [pair]) { value in
                        ("\(path)?\(name)=\(value(pair))", nil)
                    }
                }
            }
        }
    }

    /// What bodies name: templates, senders, regions, accounts, deliveries.
    func askByBody(_ caller: Caller) async throws {
        let sender = try Pair("shop@quokka.example")
        let template = try Pair("quokka-order")
        let region = Pair(Estate.region, Estate.otherWord.uppercased())
        let account = try Pair("quokka-side")
        let delivery = try estate.value("delivery", of: "webhooks")
        let to = #""to": "x@example.org""#
        func message(_ from: String, _ rest: String) -> String { #"{"from": "\#(from)", \#(to), \#(rest)}"# }
        let text = #""subject": "s", "text": "t""#
        let cases: [(path: String, pair: Pair, body: (String) -> String)] = [
            ("/send", sender, { message($0, text) }),
            ("/send", template, { message("a@rival.example", #""template": "\#($0)", "data": {}"#) }),
            ("/send", template, { message("a@rival.example", #""template": "\#($0)@1""#) }),
            ("/send", region, { message("a@rival.example", text + #", "region": "\#($0)""#) }),
            ("/send/batch", sender, { #"{"atomic": true, "messages": [\#(message($0, text))]}"# }),
            (
                "/send/batch", region,
                { #"{"messages": [\#(message("a@rival.example", text + #", "region": "\#($0)""#))]}"# }
            ),
            ("/send/broadcast", sender, { #"{"from": "\#($0)", \#(text)}"# + "\n{\(to)}\n" }),
            (
                "/send/broadcast", template,
                { #"{"from": "a@rival.example", "template": "\#($0)", "data": {}}"# + "\n{\(to)}\n" }
            ),
            ("/webhooks/\(own["webhooks"]?["id"] ?? "")/replay", delivery, { #"{"delivery": "\#($0)"}"# }),
            ("/reputation/resume", account, { #"{"acknowledge": "the list is deleted", "account": "\#($0)"}"# }),
        ]
        for (path, pair, body) in cases {
            let type = path == "/send/broadcast" ? "application/x-ndjson" : "application/json"
            let operation = try #require(operations.first { $0.method == .post && ownPath($0) == path }, "\(path)")
            try await expectAlike(caller, operation, [pair]) { value in
                (path, ServedOperation.Body(type: type, bytes: Array(body(value(pair)).utf8)))
            }
        }
    }

    /// Every operation that needs no object of the owner's, with the document's own bodies: lists, feeds, figures, and all that
    /// makes something. None of them knows of the owner.
    func askForWhatIsOwn(_ caller: Caller) async throws {
        for operation in operations {
            guard let path = ownPath(operation), operation.method != .delete else { continue }
            for body in operation.bodies {
                // With a change of the path's object the next ones would have none.
                if !operation.names.isEmpty, operation.method != .get { continue }
                let answer = try await caller.ask(operation.method, path, body)
                #expect(answer.status < 500, "\(caller.name), \(operation): \(answer.status) \(answer.text)")
                let question = String(decoding: body?.bytes ?? [], as: UTF8.self)
                expectNothing(in: "\(answer.said())", to: question, caller, "\(operation)")
            }
        }
    }

    /// Lists of somebody who has nothing are empty, and nothing is counted.
    func askWithNothing(_ caller: Caller) async throws {
        for path in ["/messages", "/recipients", "/events", "/webhooks", "/suppressions", "/usage"] {
            let answer = JSONObject(text: try await caller.ask(.get, path).text)
            #expect(answer.count == 0, "\(path): \(answer.text)")
        }
        #expect(JSONObject(text: try await caller.ask(.get, "/events").text).number("next") == 0)
    }

    /// What others have already is there for this one to have, too, and its own.
    func haveTheSame(_ caller: Caller) async throws {
        let same = Estate.message().replacing("shop@quokka.example", with: "shop@rival.example")
        let body = ServedOperation.Body(type: "application/json", bytes: Array(same.utf8))
        let answer = try await caller.ask(.post, "/send", body, headers: [("Idempotency-Key", "quokka-once")])
        #expect(answer.status == 202 && !answer.headers.contains("Idempotent-Replayed"), "\(answer.text)")
        expectNothing(in: answer.text, to: same, caller, "a foreign Idempotency-Key")
        // An address that the owner suppresses.
        let mail = Self.message.replacing("reader@example.org", with: "gone@quokka.example")
        #expect(try await caller.make(.post, "/send", mail).string("status") == "queued")
        try await caller.make(.post, "/templates", #"{"name": "quokka-order", "subject": "s", "text": "t"}"#)
        try await caller.make(.delete, "/templates/quokka-order")
        try await caller.make(.post, "/suppressions", #"{"email": "gone@quokka.example"}"#)
        try await caller.make(.delete, "/suppressions/gone@quokka.example")
        let removed = try await caller.make(.delete, "/suppressions?domain=quokka.example")
        #expect(removed.number("removed") == 0)
        // A key may be bound to what its tenant does not have; it is good for nothing then.
        for domain in [Estate.domain, "quokkb.example"] {
            try await caller.make(.post, "/keys", #"{"name": "bound", "domains": ["\#(domain)"]}"#)
        }
        try await caller.make(.post, "/erasures", #"{"email": "\#(Estate.reader)"}"#)
        try await eventually("the erasures have ended") {
            try await cluster.rows(in: "erasure WHERE ended_at IS NULL") == 0
        }
    }
}

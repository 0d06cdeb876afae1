import Directory
import Mail
import Outbox
import Postgres
import Testing

@Suite("Which rows evidence is about")
struct EvidenceJoinTests {
    @Test("Without a tag it finds its row by SES's id, from the settling on")
    func withoutTag() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (message, call) = try await world.call()
            let delivery = try world.evidence(.delivered, call.entry, "s", recipient: "A@B.example", isTagged: false)
            #expect(try await world.apply([delivery]) == [.unmatched])
            #expect(try await world.statuses(message) == [.sending])
            try await world.settle([Outcome(call: call, result: .sent(sesMessageID: "s"))])
            #expect(try await world.apply([delivery]) == [.applied])
            #expect(try await world.statuses(message) == [.delivered])
            // By the id that a tagged event brought, too.
            let (second, other) = try await world.call()
            #expect(try await world.apply([try world.evidence(.sent, other.entry, "t")]) == [.applied])
            let bounce = try world.evidence(
                .bounced,
                other.entry,
                "t",
                recipient: "forwarded@c.example",
                isTagged: false
            )
            #expect(try await world.apply([bounce]) == [.applied], "the only recipient, whatever its address is by now")
            #expect(try await world.statuses(second) == [.bounced])
        }
    }

    @Test("A tag names its row, whatever address the mail was forwarded to")
    func forwarded() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (message, call) = try await world.call(recipients: ["a@b.example", "c@b.example"])
            let bounce = try world.evidence(
                .bounced,
                call.entry,
                "s",
                recipient: "elsewhere@d.example",
                suppression: .bounce
            )
            #expect(try await world.apply([bounce]) == [.applied])
            #expect(try await world.statuses(message) == [.bounced, .sending])
            #expect(try await world.value("SELECT email FROM suppression") == "a@b.example")
        }
    }

    @Test("Word about one recipient of a call proves the call for the others, which have their own fate")
    func oneCall() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (message, call) = try await world.call(
                recipients: ["a@b.example", "b@b.example", "c@b.example"],
                split: false
            )
            #expect(call.entry == .message(message.id))
            try await world.settle([Outcome(call: call, result: .unknown(grace: .seconds(3600), detail: "reset"))])
            #expect(try await world.statuses(message) == [.unknown, .unknown, .unknown])
            let delivery = try world.evidence(.delivered, call.entry, "s", recipient: "B@b.example")
            #expect(try await world.apply([delivery]) == [.applied])
            #expect(try await world.statuses(message) == [.sent, .delivered, .sent])
            #expect(try await world.count("deferred") == 0)
            #expect(try await world.view(message).recipients.map(\.sesMessageID) == ["s", "s", "s"])
            #expect(try await world.events(message).filter { $0 == .sent }.count == 3)
            // And by SES's id alone, each its own.
            let bounce = try world.evidence(.bounced, call.entry, "s", recipient: "c@b.example", isTagged: false)
            let stranger = try world.evidence(.bounced, call.entry, "s", recipient: "x@b.example", isTagged: false)
            #expect(try await world.apply([bounce, stranger]) == [.applied, .unmatched])
            #expect(try await world.statuses(message) == [.sent, .delivered, .bounced])
            let open = try world.evidence(.opened, call.entry, "s", mark: "1")
            #expect(try await world.apply([open]) == [.applied])
            #expect(try await world.events(message).filter { $0 == .opened }.count == 3)
        }
    }

    @Test("One address in To and in Cc of a call is two rows with one fate")
    func sameAddress() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (message, call) = try await world.call(
                recipients: ["a@b.example", "A@B.example", "c@b.example"],
                split: false
            )
            let bounce = try world.evidence(
                .bounced,
                call.entry,
                "s",
                recipient: "a@b.example",
                suppression: .bounce
            )
            #expect(try await world.apply([bounce, bounce]) == [.applied, .duplicate])
            #expect(try await world.statuses(message) == [.bounced, .bounced, .sent])
            #expect(try await world.count("suppression") == 1)
        }
    }

    @Test("A call whose only recipient is known by another address at SES")
    func onlyRecipient() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (message, call) = try await world.call(split: false)
            let bounce = try world.evidence(.bounced, call.entry, "s", recipient: "alias@b.example")
            #expect(try await world.apply([bounce]) == [.applied])
            #expect(try await world.statuses(message) == [.bounced])
        }
    }

    @Test("Another account's word is refused, by tag and by SES's id")
    func anotherAccount() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (message, call) = try await world.call()
            try await world.settle([Outcome(call: call, result: .sent(sesMessageID: "s"))])
            let stranger: Int32 = try await world.value(
                "INSERT INTO account (name, aws_region) VALUES ('other', 'eu-west-1') RETURNING id"
            )
            for isTagged in [true, false] {
                let bounce = try world.evidence(
                    .bounced,
                    call.entry,
                    "s",
                    recipient: "a@b.example",
                    isTagged: isTagged,
                    suppression: .bounce,
                    accountID: stranger
                )
                #expect(try await world.apply([bounce]) == [.unmatched])
            }
            #expect(try await world.statuses(message) == [.sent])
            #expect(try await world.value("SELECT heard FROM outbox") == false)
            #expect(try await world.count("event") == 1)
            #expect(try await world.count("suppression") == 0)
        }
    }

    @Test("A tag of mail that retention has dropped, or that never was, matches nothing")
    func noRow() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let gone = try world.message()
            let old = try #require(EntryID(text: "01893e00-0000-7000-8000-000000000001"))
            let results = try await world.apply([
                try world.evidence(.delivered, .message(gone.id), "s", recipient: "a@b.example"),
                try world.evidence(.delivered, old, "s", recipient: "a@b.example"),
            ])
            #expect(results == [.unmatched, .unmatched])
        }
    }
}

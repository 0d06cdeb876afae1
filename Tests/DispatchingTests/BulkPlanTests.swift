import Directory
import Mail
import SES
import Testing

@testable import Capacity
@testable import Dispatching
@testable import Outbox

/// Which claimed calls go together.
@Suite struct BulkPlanTests {
    private let budget = ByteBudget(1 << 30)
    private let start = ContinuousClock.now

    private func id(_ number: UInt64) throws -> MessageID {
        try #require(MessageID(high: 0x0190_0000_0000_7000 + number << 16, low: 0x8000_0000_0000_0000))
    }

    private func content(_ source: TemplatedContent.Source) -> LoadedContent {
        let frame = TemplatedContent.Frame(from: "s@x.example", replyTo: [], headers: [], source: source)
        return LoadedContent(
            .templated(TemplatedContent(frame: frame, data: .object([:])), nil, own: RecipientData()),
            bytes: 0,
            budget: budget
        )
    }

    private func slot(
        _ message: MessageID,
        row: Int = 1,
        after: Duration = .zero,
        size: Int = 1000,
        rows: Int = 1,
        kind: CallSender.Slot.Kind = .funded,
        isProbe: Bool = false,
        isExpired: Bool = false,
        isSuppressed: Bool = false,
        isSuperseded: Bool = false,
        terms: SenderTerms = .standard
    ) throws -> CallSender.Slot {
        let ids = try (row..<(row + rows)).map { try #require(message.outbox($0)) }
        return CallSender.Slot(
            call: ClaimedCall(
                claimID: 1,
                entry: rows == 1 ? .row(ids[0]) : .message(message),
                laneID: 1,
                priority: .normal,
                rows: ids.map { ClaimedCall.Row(id: $0, email: "r@x.example", kind: .to, attempt: 0) },
                sender: "s@x.example",
                size: size,
                isExpired: isExpired,
                isSuperseded: isSuperseded,
                isSuppressed: isSuppressed
            ),
            reservation: Reservation(share: 1, credits: rows, startsAt: .zero, tag: 0),
            startsAt: start + after,
            isProbe: isProbe,
            kind: kind,
            terms: terms
        )
    }

    @Test func whatIsAlikeRidesTogetherFiftyAtMost() throws {
        let messages = try (1...120).map { try id(UInt64($0)) }
        let contents = Dictionary(uniqueKeysWithValues: messages.map { ($0, content(.version(7))) })
        let plan = BulkPlan(try messages.map { try slot($0) }, contents: contents)
        #expect(plan.groups.map(\.count) == [50, 50, 20])
        #expect(plan.alone.isEmpty)
    }

    @Test func whatGoesOutAsSomethingElseDoesNot() throws {
        let messages = try (1...4).map { try id(UInt64($0)) }
        let contents = Dictionary(uniqueKeysWithValues: messages.map { ($0, content(.version(7))) })
        let own = SenderTerms(configurationSet: "own")
        let slots = try zip(messages, [SenderTerms.standard, own, .standard, own]).map { try slot($0, terms: $1) }
        let plan = BulkPlan(slots, contents: contents)
        #expect(plan.groups.count == 2)
        for group in plan.groups { #expect(Set(group.map(\.slot.terms)).count == 1 && group.count == 2) }
    }

    @Test func whatDiffersDoesNot() throws {
        let (first, second, plain) = (try id(1), try id(2), try id(3))
        let raw = LoadedContent(.whole(.raw([])), bytes: 0, budget: budget)
        let contents = [first: content(.version(1)), second: content(.version(2)), plain: raw]
        let slots = [try slot(first), try slot(second), try slot(plain), try slot(first, row: 2)]
        let plan = BulkPlan(slots, contents: contents)
        #expect(plan.groups.map { $0.map(\.slot.call.entry.message) } == [[first, first]])
        #expect(Set(plan.alone.map(\.call.entry.message)) == [second, plain])
    }

    @Test func nobodyWaitsLong() throws {
        let message = try id(1)
        let times = [0, 4, 10, 11, 20, 40].map { Duration.milliseconds($0) }
        let slots = try times.enumerated().map { try slot(message, row: $0.offset + 1, after: $0.element) }
        let plan = BulkPlan(slots.reversed(), contents: [message: content(.version(1))])
        #expect(plan.groups.map(\.count) == [3, 2])
        #expect(plan.alone.map(\.startsAt) == [start + .milliseconds(40)])
    }

    @Test func aGroupIsBoundedInBytes() throws {
        let message = try id(1)
        let slots = try (1...5).map { try slot(message, row: $0, size: 200 << 10) }
        let plan = BulkPlan(slots, contents: [message: content(.version(1))])
        #expect(plan.groups.map(\.count) == [2, 2])
        #expect(plan.alone.count == 1)
        let fixed = content(.fixed(TemplateSource(subject: "S", text: "T", html: nil)))
        #expect(BulkPlan(slots, contents: [message: fixed]).groups.map(\.count) == [5], "it goes along once")
    }

    @Test func whatIsNotSimplySentGoesAlone() throws {
        let message = try id(1)
        let slots = [
            try slot(message, row: 1, rows: 2), try slot(message, row: 3, kind: .unfunded),
            try slot(message, row: 4, isProbe: true), try slot(message, row: 5, isExpired: true),
            try slot(message, row: 6, isSuppressed: true), try slot(message, row: 7, isSuperseded: true),
            try slot(message, row: 8), try slot(message, row: 9),
        ]
        let plan = BulkPlan(slots, contents: [message: content(.version(1))])
        #expect(plan.groups.map(\.count) == [2])
        #expect(plan.alone.count == 6)
        #expect(BulkPlan(slots, contents: [:]).alone.count == 8)
    }

    @Test func whatIsLongerThanSESTakesGoesAlone() throws {
        let message = try id(1)
        let slots = try (1...3).map { try slot(message, row: $0) }
        // As JSON it is twice as long.
        let long = content(
            .fixed(TemplateSource(subject: "S", text: String(repeating: "\"", count: 140_000), html: nil))
        )
        #expect(BulkPlan(slots, contents: [message: long]).alone.count == 3)
        let rides = slots.map { BulkRide(slot: $0, content: content(.version(1))) }
        func item(_ ride: BulkRide, _ text: String?, html: String? = nil) -> BulkParts.Item {
            let source = TemplateSource(subject: "S", text: text, html: html)
            return BulkParts.Item(ride: ride, content: FilledContent(source))
        }
        let fitting = String(repeating: "x", count: 262_000)
        let some = BulkParts([item(rides[0], fitting), item(rides[1], fitting + fitting), item(rides[2], "T")])
        #expect(some.requests.map(\.count) == [2, 1])
        #expect(
            some.requests.first?.map(\.ride.slot.call.rows.first?.id)
                == [slots[0], slots[2]].map { $0.call.rows.first?.id }
        )
        let mixed = BulkParts([item(rides[0], "T"), item(rides[1], nil, html: "H"), item(rides[2], "T")])
        #expect(mixed.requests.map(\.count) == [2, 1], "those with the same parts, whoever stands between them")
        let many = BulkParts((0..<12).map { item(rides[$0 % 3], String(repeating: "x", count: 200_000)) })
        #expect(many.requests.map(\.count) == [4, 4, 4])
    }

    @Test func whoWasRefusedWithOthersGoesAlone() throws {
        let message = try id(1)
        let slots = try (1...4).map { try slot(message, row: $0) }
        let contents = [message: content(.version(1))]
        let sharing = BulkSharing()
        sharing.exclude(slots.prefix(2).map(\.call.entry))
        let plan = BulkPlan(slots, contents: contents, sharing: sharing)
        #expect(plan.groups.map(\.count) == [2])
        #expect(plan.alone.map(\.call.entry) == slots.prefix(2).map(\.call.entry))
        #expect(sharing.switchOff())
        #expect(!sharing.switchOff(), "said once")
        #expect(BulkPlan(slots, contents: contents, sharing: sharing).alone.count == 4)
        let later = ContinuousClock.now + BulkSharing.pause + .seconds(1)
        #expect(sharing.allows(slots[3].call.entry, now: later))
        #expect(!sharing.allows(slots[0].call.entry, now: later))
        // Its memory is bounded.
        sharing.exclude(
            try (10...(BulkSharing.capacity / 1000 + 11)).flatMap { number in
                try (1...1000).map { EntryID.row(try #require(try id(UInt64(number)).outbox($0))) }
            }
        )
        #expect(sharing.allows(slots[0].call.entry, now: later))
    }

    @Test func aRefusalTeachesWhatItIsAbout() {
        func lesson(_ kind: SendFailure.Kind, _ code: String? = nil) -> BulkSharing.Lesson {
            BulkSharing.lesson(of: SendFailure(kind, code: code, message: ""))
        }
        #expect(lesson(.rejected) == .entriesAlone)
        #expect(lesson(.identityUnverified) == .entriesAlone)
        #expect(lesson(.configuration) == .off)
        #expect(lesson(.credentials, "AccessDeniedException") == .off)
        #expect(lesson(.credentials, "ExpiredTokenException") == .none)
        #expect(lesson(.throttled) == .none)
        #expect(lesson(.accountPaused) == .none)
    }

    @Test func troubleOutweighsSuccess() {
        let park = AccountEffect.park(.credentials, detail: "why")
        #expect(AccountEffect.healthy.combined(with: .throttled) == .throttled)
        #expect(AccountEffect.throttled.combined(with: .healthy) == .throttled)
        #expect(AccountEffect.none.combined(with: .healthy) == .healthy)
        #expect(AccountEffect.healthy.combined(with: .none) == .healthy)
        #expect(AccountEffect.throttled.combined(with: park) == park)
        #expect(park.combined(with: .throttled) == park)
    }
}

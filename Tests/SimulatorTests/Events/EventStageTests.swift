import Testing

@testable import Simulator

/// The stage without clock and network: the test takes each notification and says how it ended.
struct EventStageTests {
    /// The stage by reference, so that `#expect` can take what changes it.
    private final class Play {
        var stage: EventStage
        var now: Int64 = 0
        private var ids = MessageIDs(salt: 9)

        init(
            faults: String = "{}",
            format: EventOptions.Format = .events,
            shares: FateShares = FateShares(),
            adjust: (inout EventOptions) -> Void = { _ in }
        ) throws {
            var options = EventOptions(
                queue: .init(url: "http://127.0.0.1:1/q", environment: [:])
            )
            options.format = format
            options.shares = shares
            adjust(&options)
            stage = EventStage(
                options,
                names: try AmazonNames(topic: options.topicARN),
                faults: try FaultRules(parsing: faults),
                seed: 1,
                salt: 2,
                at: 0
            )
        }

        func accept(
            _ to: [String] = ["a@example.com"],
            id: String? = "row",
            isAnswered: Bool = true,
            listed: Bool = false
        ) {
            var submission = Submission()
            submission.from = "s@example.com"
            submission.recipients = to
            if let id { submission.tags = [.init(name: "sluice-id", value: id)] }
            let send = AcceptedSend(
                id: ids.next(milliseconds: 5),
                milliseconds: 5,
                submission: submission,
                isAnswered: isAnswered,
                suppressed: listed ? Set(to) : []
            )
            stage.accept(send, at: now)
        }

        /// Lets time pass until nothing is left to do; answers what was handed over, attempt by attempt.
        @discardableResult
        func run(_ end: (Notification) -> Attempt = { _ in .taken }) -> [(kind: EventKind?, id: String)] {
            var handed: [(kind: EventKind?, id: String)] = []
            for _ in 0..<2000 where !stage.isIdle {
                now += 50_000_000
                stage.advance(to: now, wall: now / 1_000_000)
                while let notification = stage.next(for: .queue) ?? stage.next(for: .topic) {
                    switch notification.content {
                    case .setUp: handed.append((nil, notification.id))
                    case .event(let event, _): handed.append((event.text.kind, notification.id))
                    }
                    stage.end(notification, end(notification), at: now)
                }
            }
            return handed
        }

        var outcomes: [Outcomes.Line] { Outcomes(stage.ledger).lines }

        var status: [FinalStatus] { outcomes.flatMap(\.statuses) }

        var states: [EventRecord.State] { (0..<stage.ledger.events.count).map { stage.ledger.events[$0].state } }
    }

    private static let simulator = "@simulator.amazonses.com"

    @Test(arguments: [
        ("success", [EventKind.send, .delivery], [FinalStatus.delivered]), ("bounce", [.send, .bounce], [.bounced]),
        ("complaint", [.send, .delivery, .complaint], [.complained]),
        ("suppressionlist", [.send, .bounce], [.bounced]),
        ("ooto", [.send, .delivery, .bounce], [.delivered, .bounced]),
    ])
    func saysWhatHappens(mailbox: String, kinds: [EventKind], status: [FinalStatus]) throws {
        let play = try Play()
        play.accept([mailbox + Self.simulator])
        #expect(play.outcomes.map(\.pending) == [kinds.count])
        #expect(play.run().map(\.kind) == kinds)
        #expect(play.status == status)
        #expect(play.outcomes.map(\.pending) == [0])
        #expect(play.states.allSatisfy { $0 == .delivered })
    }

    @Test func addressesOnTheAccountsListBounce() throws {
        let play = try Play()
        play.accept(listed: true)
        #expect(play.run().map(\.kind) == [.send, .bounce])
        #expect(play.status == [.bounced])
    }

    @Test func bothFormatsSayWhatBothKnow() throws {
        let play = try Play(format: .both)
        play.accept(["complaint" + Self.simulator])
        #expect(play.run().map(\.kind) == [.send, .delivery, .delivery, .complaint, .complaint])
        #expect(play.stage.ledger.totals.delivered == 3)
        let notifications = try Play(format: .notifications)
        notifications.accept(["success" + Self.simulator])
        #expect(notifications.run().map(\.kind) == [.delivery])
        #expect(notifications.status == [.delivered])
    }

    @Test(arguments: [
        "drop", "forge", "foreign_topic", "stale_timestamp", "future_timestamp", "foreign_tag", "giant",
        "malformed", "unknown_type",
    ])
    func whatARightReceiverRefusesCountsForNothing(fault: String) throws {
        let play = try Play(faults: "faults: [{fault: \(fault), operation: event, type: Bounce}]")
        play.accept(["bounce" + Self.simulator])
        #expect(play.run().map(\.kind) == (fault == "drop" ? [.send] : [.send, .bounce]))
        #expect(play.status == [.sent])
        #expect(play.states == [.delivered, .lost])
        #expect(play.stage.ledger.totals == .init(said: 2, delivered: 1, lost: 1, doubtful: 0))
    }

    @Test func doubledAndReorderedTheStatusIsTheSame() throws {
        let faults = """
            faults:
              - {fault: reorder}
              - {fault: duplicate, times: 2, type: Bounce}
              - {fault: duplicate, same_id: false, type: Send}
            """
        let play = try Play(faults: faults)
        play.accept(["bounce" + Self.simulator])
        let handed = play.run()
        #expect(handed.map(\.kind) == [.bounce, .bounce, .bounce, .send, .send])
        #expect(Set(handed.prefix(3).map(\.id)).count == 1)
        #expect(Set(handed.map(\.id)).count == 3)
        #expect(play.status == [.bounced])
        #expect(play.stage.ledger.totals == .init(said: 2, delivered: 2, lost: 0, doubtful: 0))
    }

    @Test func aDelayGoesTogetherWithALaterFault() throws {
        let faults = "faults: [{fault: delay, delay: 1h, type: Delivery}, {fault: duplicate, type: Delivery}]"
        let play = try Play(faults: faults)
        play.accept()
        for _ in 0..<100 {
            play.now += 50_000_000
            play.stage.advance(to: play.now, wall: 0)
        }
        #expect(play.stage.count(for: .queue) == 1)
        play.now += 3_600_000_000_000
        #expect(play.run().map(\.kind) == [.send, .delivery, .delivery])
        #expect(play.status == [.delivered])
    }

    @Test func triesAgainAsOftenAsItSays() throws {
        let play = try Play { $0.backoff = .seconds(1) }
        play.accept()
        var tries: [String: Int] = [:]
        play.run { notification in
            tries[notification.id, default: 0] += 1
            return tries[notification.id] == 4 ? .taken : .failed(mayHaveArrived: true)
        }
        #expect(tries.values.allSatisfy { $0 == 4 } && tries.count == 2)
        #expect(play.status == [.delivered])
        #expect(play.stage.retried == 6)
    }

    @Test func whatFailsForGoodIsLostOrInDoubt() throws {
        for (attempt, states, status) in [
            (Attempt.failed(mayHaveArrived: false), EventRecord.State.lost, [FinalStatus.sent]),
            (.failed(mayHaveArrived: true), .doubtful, [.sent, .bounced]), (.refused, .lost, [.sent]),
        ] {
            let play = try Play { $0.backoff = .seconds(1) }
            play.accept(["bounce" + Self.simulator])
            let handed = play.run { _ in attempt }
            #expect(handed.count == (attempt == .refused ? 2 : 8))
            #expect(play.states == [states, states])
            #expect(play.status == status)
            #expect(play.stage.isIdle)
        }
    }

    @Test func withoutAnAnswerOnlyEventsTell() throws {
        let lost = try Play(faults: "faults: [{fault: drop}]")
        lost.accept(isAnswered: false)
        lost.run()
        #expect(lost.status == [.unknown])
        let told = try Play(faults: "faults: [{fault: drop, type: Delivery}]")
        told.accept(isAnswered: false)
        told.run()
        #expect(told.status == [.sent])
        // Sent again: the row has one status.
        told.accept()
        told.run()
        #expect(told.outcomes.count == 1 && told.status == [.sent])
        told.accept(id: nil)
        told.accept(id: nil)
        #expect(told.outcomes.count == 3)
    }

    @Test func aTopicWaitsForItsSubscriber() throws {
        let play = try Play { options in
            options.queue = nil
            options.topic = .init(url: "http://127.0.0.1:1/", key: SigningCertificate.make())
        }
        play.accept()
        #expect(play.run().isEmpty)
        #expect(!play.stage.isIdle)
        play.stage.confirm(wall: 0)
        play.stage.confirm(wall: 0)
        #expect(play.run().map(\.kind) == [nil, .send, .delivery])
    }

    @Test func whatWaitsIsBounded() throws {
        let play = try Play { $0.pendingCapacity = 5 }
        for index in 0..<10 { play.accept(id: "row-\(index)") }
        #expect(play.stage.waiting == 5)
        play.run()
        #expect(play.stage.overflowed == 15)
        #expect(play.outcomes.allSatisfy { $0.pending == 0 })
        #expect(play.outcomes.count { $0.status == .delivered } == 2)
    }

    @Test func theLedgerIsBoundedAndSmall() throws {
        let play = try Play { $0.historyCapacity = 2 }
        for index in 0..<3 { play.accept(id: "row-\(index)") }
        #expect(play.run().count == 6)
        #expect(play.outcomes.count == 2)
        #expect(play.stage.ledger.isTruncated)
        play.stage.clear()
        #expect(play.outcomes.isEmpty && !play.stage.ledger.isTruncated)
        // A recipient, three events and an address of 40 characters: 200,000 messages in less than 40 MB.
        let message = MemoryLayout<RecipientRecord>.stride + 3 * MemoryLayout<EventRecord>.stride + 40
        #expect(message * 200_000 < 40_000_000)
    }

    @Test func aClearedLedgerIsNotTouchedByWhatIsUnderWay() throws {
        let play = try Play()
        play.accept(id: "old")
        play.stage.clear()
        play.accept(["bounce" + Self.simulator], id: "new")
        #expect(play.run().count == 4)
        #expect(play.outcomes.map(\.outboxID) == ["new"])
        #expect(play.status == [.bounced])
    }
}

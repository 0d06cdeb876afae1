import Testing

@testable import Simulator

struct TimelineTests {
    private static let delay = LatencyRange(from: .milliseconds(50), to: .milliseconds(500))

    private static func timeline(_ fates: [Fate], bundles: Bool = false) -> Timeline {
        var generator = SplitMix64(seed: 3)
        return Timeline(fates, delay: delay, bundles: bundles, using: &generator)
    }

    @Test(arguments: [
        (Fate.Ending.delivered, [EventKind.send, .delivery]), (.bounced(.general), [.send, .bounce]),
        (.complained, [.send, .delivery, .complaint]), (.answered, [.send, .delivery, .bounce]),
        (.rejected, [.send, .reject]),
    ])
    func saysEachStageInItsTime(ending: Fate.Ending, kinds: [EventKind]) {
        let steps = Self.timeline([Fate(ending)]).steps
        #expect(steps.map(\.kind) == kinds)
        #expect(steps.last { $0.kind != .open && $0.kind != .click }?.kind == Fate(ending).last)
        var before: Int64 = 0
        for step in steps {
            #expect((50_000_000...500_000_000).contains(step.after - before))
            before = step.after
        }
    }

    @Test func aDelayedOneIsDeliveredLater() {
        var fate = Fate(.delivered)
        fate.isDelayed = true
        fate.isOpened = true
        fate.isClicked = true
        #expect(Self.timeline([fate]).steps.map(\.kind) == [.send, .deliveryDelay, .delivery, .open, .click])
    }

    @Test func bundlesJoinWhatHasOneReason() {
        let fates = [
            Fate(.delivered), Fate(.bounced(.general)), Fate(.complained), Fate(.bounced(.suppressedByAccount)),
        ]
        let apart = Self.timeline(fates).steps
        #expect(apart.count == 6)
        #expect(apart.first?.recipients == [0, 1, 2, 3])
        let steps = Self.timeline(fates, bundles: true).steps
        #expect(steps.map(\.kind) == [.send, .delivery, .bounce, .complaint, .bounce])
        #expect(steps.map(\.recipients) == [[0, 1, 2, 3], [0, 2], [1], [2], [3]])
    }

    @Test func reversedTheComplaintComesFirst() {
        var timeline = Self.timeline([Fate(.complained)])
        let instants = timeline.steps.map(\.after)
        timeline.reverse()
        let kinds = timeline.steps.sorted { $0.after < $1.after }.map(\.kind)
        #expect(kinds == [.complaint, .delivery, .send])
        #expect(timeline.steps.map(\.after).sorted() == instants)
    }
}

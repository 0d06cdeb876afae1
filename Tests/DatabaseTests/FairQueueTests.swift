import Testing

@testable import Outbox

/// Whose turn it is among those who wait for a flush.
struct FairQueueTests {
    private func take(_ queue: inout FairQueue<String>, _ most: Int) -> [String] {
        var left = most
        return queue.take { _ in
            left -= 1
            return left >= 0
        }
    }

    @Test func whoIsAloneIsServedInOrder() {
        var queue = FairQueue<String>()
        for number in 0..<200 { queue.append("a\(number)", units: 1, party: 1) }
        let first = take(&queue, 150)
        #expect(first == (0..<150).map { "a\($0)" })
        #expect(queue.count == 50)
        let rest = take(&queue, 150)
        #expect(rest == (150..<200).map { "a\($0)" })
        #expect(queue.isEmpty)
    }

    @Test func nobodyWaitsBehindAFlood() {
        var queue = FairQueue<String>()
        for number in 0..<10_000 { queue.append("a\(number)", units: 1, party: 1) }
        queue.append("b", units: 1, party: 2)
        queue.append("c", units: 1, party: nil)
        let batch = take(&queue, 20)
        #expect(batch.contains("b") && batch.contains("c"))
        #expect(batch.filter { $0.hasPrefix("a") } == (0..<18).map { "a\($0)" })
    }

    @Test func largeItemsWaitForTheirTurns() {
        var queue = FairQueue<String>()
        for number in 0..<4 { queue.append("a\(number)", units: 100, party: 1) }
        for number in 0..<300 { queue.append("b\(number)", units: 1, party: 2) }
        let batch = take(&queue, 230)
        // As many units of one as of the other, within an item and a turn.
        #expect(batch.count { $0.hasPrefix("a") } == 2)
        #expect(batch.filter { $0.hasPrefix("b") } == (0..<228).map { "b\($0)" })
    }

    @Test func whatDoesNotFitIsTheNextOne() {
        var queue = FairQueue<String>()
        for number in 0..<3 {
            queue.append("a\(number)", units: 1, party: 1)
            queue.append("b\(number)", units: 1, party: 2)
        }
        let first = take(&queue, 1)
        let none = take(&queue, 0)
        let rest = take(&queue, 9)
        #expect(first == ["a0"])
        #expect(none == [])
        #expect(Set(rest) == ["a1", "a2", "b0", "b1", "b2"])
        #expect(queue.isEmpty)
    }
}

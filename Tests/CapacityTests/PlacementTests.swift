import Capacity
import Testing

@Suite("Placement of shares on workers")
struct PlacementTests {
    let workers = (0..<10).map { Worker(node: "n\($0)", epoch: Int64($0)) }

    @Test("Shares spread about evenly, and only those of a worker that leaves move")
    func stable() {
        var counts: [Worker: Int] = [:]
        for share in Int32(0)..<1000 {
            let home = Placement.workers(for: share, count: 1, among: workers)
            #expect(home.count == 1)
            for worker in home { counts[worker, default: 0] += 1 }
            let rest = workers.filter { $0.node != "n3" }
            let next = Placement.workers(for: share, count: 1, among: rest)
            if home != [workers[3]] { #expect(next == home) }
            #expect(Placement.workers(for: share, count: 3, among: workers.reversed()).first == home.first)
        }
        #expect(counts.count == 10)
        #expect(counts.values.allSatisfy { (60...140).contains($0) })
    }

    @Test("A share takes as many workers as its credits need, as far as there are any")
    func counts() {
        #expect([0, 1, 2000, 2001, 10_000].map { Placement.count(for: $0) } == [1, 1, 1, 2, 5])
        #expect(Set(Placement.workers(for: 7, count: 5, among: workers)).count == 5)
        #expect(Placement.workers(for: 7, count: 50, among: workers).count == 10)
        #expect(Placement.workers(for: 7, count: 2, among: []) == [])
    }
}

import Capacity
import Testing

@Suite("Placement of shares on workers")
struct PlacementTests {
    let workers = (0..<10).map { Worker(node: "n\($0)", epoch: Int64($0)) }

    @Test("Shares spread about evenly, and only those of a worker that leaves move")
    func stable() {
        var counts: [Worker: Int] = [:]
        let placement = Placement(workers)
        let rest = Placement(workers.filter { $0.node != "n3" })
        let reversed = Placement(workers.reversed())
        for share in Int32(0)..<1000 {
            let home = placement.homes(of: share, count: 1)
            #expect(home.count == 1)
            for worker in home { counts[worker, default: 0] += 1 }
            let next = rest.homes(of: share, count: 1)
            if home != [workers[3]] { #expect(next == home) }
            #expect(reversed.homes(of: share, count: 3).first == home.first)
        }
        #expect(counts.count == 10)
        #expect(counts.values.allSatisfy { (60...140).contains($0) })
    }

    @Test("A share takes as many workers as its credits need, as far as there are any")
    func counts() {
        #expect([0, 1, 2000, 2001, 10_000].map { Placement.count(for: $0) } == [1, 1, 1, 2, 5])
        #expect(Set(Placement(workers).homes(of: 7, count: 5)).count == 5)
        #expect(Placement(workers).homes(of: 7, count: 50).count == 10)
        #expect(Placement([]).homes(of: 7, count: 2) == [])
    }
}

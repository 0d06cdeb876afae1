import Testing

@testable import Capacity

@Suite("Dividing whole credits")
struct WaterFillTests {
    @Test("All is given, nobody gets more than its cap, and who gets less has its weight's worth", arguments: 0..<200)
    func properties(seed: UInt64) {
        var pick = SeededGenerator(seed: seed)
        let claimants = (0..<Int.random(in: 1...40, using: &pick)).map { _ in
            WaterFill.Claimant(
                weight: Int.random(in: 1...(seed % 2 == 0 ? 5 : 10_000_000), using: &pick),
                cap: Int.random(in: 0...3, using: &pick) == 0 ? 0 : Int.random(in: 1...500, using: &pick)
            )
        }
        let amount = Int.random(in: 0...5000, using: &pick)
        let parts = WaterFill(amount, among: claimants).parts
        #expect(parts.reduce(0, +) == min(amount, claimants.reduce(0) { $0 + $1.cap }))
        #expect(zip(parts, claimants).allSatisfy { $0 >= 0 && $0 <= $1.cap })
        for (part, claimant) in zip(parts, claimants) where part < claimant.cap {
            // Nobody has more than a credit above what this one has by weight.
            for (other, rival) in zip(parts, claimants) {
                #expect(Double(other - 1) / Double(rival.weight) <= Double(part + 1) / Double(claimant.weight) + 1e-9)
            }
        }
    }

    @Test("Of those due less than one, who is owed most goes first")
    func owed() {
        let claimants = (0..<10).map { WaterFill.Claimant(weight: 1, cap: 5, owed: Double(($0 * 7) % 10)) }
        let fill = WaterFill(3, among: claimants)
        #expect(fill.parts.enumerated().filter { $0.element == 1 }.map { ($0.offset * 7) % 10 }.sorted() == [7, 8, 9])
        #expect(fill.fractions.allSatisfy { abs($0 - 0.3) < 1e-9 })
    }
}

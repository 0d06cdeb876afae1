import Testing

@testable import Simulator

struct FateTests {
    private static let shares = FateShares(
        rejected: 0.01,
        bounced: 0.1,
        complained: 0.05,
        delayed: 0.2,
        opened: 0.5,
        clicked: 0.5
    )

    private static func fates(_ shares: FateShares, seed: UInt64) -> [Fate] {
        (0..<20_000).map { Fate(of: "r@example.com", outboxID: "id-\($0)", seed: seed, shares: shares) }
    }

    @Test func isAFunctionOfSeedIDAndRecipient() {
        let first = Self.fates(Self.shares, seed: 4)
        #expect(Self.fates(Self.shares, seed: 4) == first)
        #expect(Self.fates(Self.shares, seed: 5) != first)
        let upper = Fate(of: "R@Example.com", outboxID: "id-7", seed: 4, shares: Self.shares)
        #expect(upper == first[7])
        let others = (0..<20_000).map { Fate(of: "s@example.com", outboxID: "id-\($0)", seed: 4, shares: Self.shares) }
        #expect(others != first)
    }

    @Test func followsTheShares() {
        // Seeded: the same counts in every run.
        let fates = Self.fates(Self.shares, seed: 4)
        func share(_ matches: (Fate) -> Bool) -> Double { Double(fates.count(where: matches)) / 20_000 }
        #expect(abs(share { $0.ending == .rejected } - 0.01) < 0.004)
        #expect(abs(share { $0.ending == .bounced(.general) } - 0.1) < 0.01)
        #expect(abs(share { $0.ending == .complained } - 0.05) < 0.01)
        #expect(abs(share { $0.isDelayed } - 0.2 * 0.99) < 0.015)
        #expect(abs(share { $0.isOpened } - 0.5 * 0.84) < 0.02)
        #expect(abs(share { $0.isClicked } - 0.25 * 0.84) < 0.02)
        #expect(Self.fates(FateShares(), seed: 4).allSatisfy { $0 == Fate(.delivered) })
    }

    @Test(arguments: [
        ("success", Fate.Ending.delivered), ("bounce", .bounced(.general)), ("ooto", .answered),
        ("complaint", .complained), ("suppressionlist", .bounced(.suppressedGlobally)),
    ])
    func theMailboxSimulatorHasItsOwn(mailbox: String, ending: Fate.Ending) {
        for address in ["\(mailbox)@simulator.amazonses.com", "\(mailbox)+label@Simulator.Amazonses.com"] {
            #expect(Fate(of: address, outboxID: nil, seed: 1, shares: FateShares(bounced: 0.5)) == Fate(ending))
        }
        #expect(EmailAddress.simulatedMailbox("\(mailbox)x@simulator.amazonses.com") == nil)
        #expect(EmailAddress.simulatedMailbox("\(mailbox)@amazonses.com") == nil)
    }

    @Test func aMessageIsRejectedAsAWhole() {
        #expect(Fate.together([Fate(.rejected), Fate(.delivered)]) == [Fate(.rejected), Fate(.rejected)])
        #expect(Fate.together([Fate(.delivered), Fate(.rejected)]) == [Fate(.delivered), Fate(.delivered)])
    }

    @Test(arguments: [FateShares(bounced: -0.1), FateShares(opened: 1.5), FateShares(rejected: 0.6, bounced: 0.6)])
    func sharesAreShares(shares: FateShares) {
        #expect(throws: SimulatorError.self) { try shares.validate() }
    }
}

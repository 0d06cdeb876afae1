import Testing

@testable import Capacity

@Suite("The loan ledger")
struct LoanBookTests {
    typealias Loan = LoanBook.Loan

    private func figure(_ path: String, _ guarantee: Int, _ granted: Int, lends: Bool = true) -> GrantPlan.Figure {
        GrantPlan.Figure(
            share: Int32(path.utf8.reduce(0) { $0 &* 31 &+ Int32($1) } & 0xffff),
            path: path,
            guarantee: guarantee,
            lends: lends,
            granted: granted,
            target: granted,
            wanted: granted
        )
    }

    @Test("A loan begins, grows and ends; what stands is not written again")
    func life() {
        var book = LoanBook()
        #expect(
            book.settle([figure("UK", 10, 4), figure("other", 10, 16)])
                == .init(begun: [Loan(lender: "UK", borrower: "other", credits: 6)])
        )
        #expect(book.settle([figure("UK", 10, 4), figure("other", 10, 16)]).isEmpty)
        #expect(
            book.settle([figure("UK", 10, 2), figure("other", 10, 18)])
                == .init(
                    ended: [Loan(lender: "UK", borrower: "other", credits: 6)],
                    begun: [Loan(lender: "UK", borrower: "other", credits: 8)]
                )
        )
        #expect(book.borrowed(by: "other") == 8)
        #expect(book.lent(by: "UK") == 8)
        #expect(book.settle([figure("UK", 10, 10), figure("other", 10, 10)]).ended.count == 1)
        #expect(book.open.isEmpty)
    }

    @Test("Loans add up to what shares hold above their guarantees, whatever happens", arguments: 0..<50)
    func sums(seed: UInt64) {
        var pick = SeededGenerator(seed: seed)
        var book = LoanBook()
        for _ in 0..<50 {
            var left = 60
            let figures = (0..<6).map { index in
                let granted = Int.random(in: 0...min(20, left), using: &pick)
                left -= granted
                return figure("s\(index)", 10, granted)
            }
            let before = Set(book.open)
            let changes = book.settle(figures)
            #expect(Set(book.open) == before.subtracting(changes.ended).union(changes.begun))
            for figure in figures {
                #expect(book.borrowed(by: figure.path) == max(0, figure.granted - 10))
                #expect(book.lent(by: figure.path) <= max(0, 10 - figure.granted))
            }
        }
    }
}

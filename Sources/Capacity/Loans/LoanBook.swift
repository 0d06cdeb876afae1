/// Who lends whom how many credits now: what shares hold beyond their guarantees, set against what others have less.
///
/// Credits are indivisible but not marked, so the pairs are a matter of bookkeeping; those that stand are kept as long as
/// they may, so that the ledger says when a loan began.
public struct LoanBook: Sendable {
    /// An open loan between two shares, by path; the account itself is "".
    public struct Loan: Hashable, Sendable {
        public let lender: String
        public let borrower: String
        public let credits: Int

        public init(lender: String, borrower: String, credits: Int) {
            self.lender = lender
            self.borrower = borrower
            self.credits = credits
        }
    }

    /// What is to be written: loans that have ended, and loans that begin. A loan that changes in size does both.
    public struct Changes: Equatable, Sendable {
        public var ended: [Loan] = []
        public var begun: [Loan] = []

        public var isEmpty: Bool { ended.isEmpty && begun.isEmpty }
    }

    public private(set) var open: [Loan]

    /// - Parameter open: the loans that stand in the ledger.
    public init(open: [Loan] = []) {
        self.open = open
    }

    public func borrowed(by path: String) -> Int { open.reduce(0) { $0 + ($1.borrower == path ? $1.credits : 0) } }
    public func lent(by path: String) -> Int { open.reduce(0) { $0 + ($1.lender == path ? $1.credits : 0) } }

    /// Brings the book in line with what the shares are granted.
    public mutating func settle(_ figures: [GrantPlan.Figure]) -> Changes {
        var lenders: [String: Int] = [:]
        var borrowers: [String: Int] = [:]
        for figure in figures {
            if figure.granted > figure.guarantee { borrowers[figure.path] = figure.granted - figure.guarantee }
            if figure.lends, figure.granted < figure.guarantee {
                lenders[figure.path] = figure.guarantee - figure.granted
            }
        }
        var next: [Loan] = []
        func lend(_ lender: String, _ borrower: String, most: Int) {
            let credits = min(most, min(lenders[lender] ?? 0, borrowers[borrower] ?? 0))
            guard credits > 0 else { return }
            lenders[lender]? -= credits
            borrowers[borrower]? -= credits
            if let known = next.firstIndex(where: { $0.lender == lender && $0.borrower == borrower }) {
                next[known] = Loan(lender: lender, borrower: borrower, credits: next[known].credits + credits)
            } else {
                next.append(Loan(lender: lender, borrower: borrower, credits: credits))
            }
        }
        for loan in open { lend(loan.lender, loan.borrower, most: loan.credits) }
        let order = figures.map(\.path)
        var lender = order.startIndex
        for borrower in order where (borrowers[borrower] ?? 0) > 0 {
            while lender < order.endIndex, (borrowers[borrower] ?? 0) > 0 {
                lend(order[lender], borrower, most: .max)
                if (lenders[order[lender]] ?? 0) == 0 { lender += 1 }
            }
        }
        let changes = Changes(
            ended: open.filter { !next.contains($0) },
            begun: next.filter { !open.contains($0) }
        )
        open = next
        return changes
    }

    /// Takes over changes that another copy of the book has settled on, and that stand in the ledger by now.
    public mutating func apply(_ changes: Changes) {
        open.removeAll { changes.ended.contains($0) }
        open += changes.begun
    }
}

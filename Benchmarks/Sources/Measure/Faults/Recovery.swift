/// How soon sending went on after faults had ended.
public enum Recovery {
    /// A fault on the clock of the ledger; nanoseconds.
    public struct Span: Sendable {
        public var from: Int64
        public var to: Int64

        public init(from: Int64, to: Int64) {
            self.from = from
            self.to = to
        }
    }

    /// Seconds from each fault's end to the first further send; nil where another fault was on by then, so that it would be
    /// counted as well.
    /// - Parameter sends: instants at which SES took mail, in order.
    public static func times(of faults: [Span], sends: [Int64]) -> [Double?] {
        faults.enumerated().map { index, fault in
            let others = faults.indices.filter { $0 != index }.map { faults[$0] }
            guard let next = sends.first(where: { $0 >= fault.to }),
                !others.contains(where: { $0.to > fault.to && $0.from < next })
            else { return nil }
            return Double(next - fault.to) / 1e9
        }
    }
}

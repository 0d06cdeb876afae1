/// What a recipient's status comes to in the end, in the order in which one overrides the other.
enum FinalStatus: UInt8, CaseIterable, Sendable {
    /// SES took the mail, but its answer was lost: only events tell.
    case unknown
    case sent, delayed, rejected, delivered, bounced, complained

    var name: String { "\(self)" }
}

/// A set of statuses in two bytes.
struct StatusSet: OptionSet, Sendable {
    let rawValue: UInt16

    init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    init(_ status: FinalStatus) {
        rawValue = 1 << UInt16(status.rawValue)
    }

    /// The statuses that are left when all below the highest of `certain` are overridden.
    func above(_ certain: StatusSet) -> [FinalStatus] {
        let floor = FinalStatus.allCases.last { certain.contains(StatusSet($0)) }
        return FinalStatus.allCases.filter { status in
            contains(StatusSet(status)) && status.rawValue >= floor?.rawValue ?? 0
        }
    }
}

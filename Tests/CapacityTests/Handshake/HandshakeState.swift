import Capacity

/// One state of a small world of the handshake, packed: rows, workers, what is under way between them.
struct HandshakeState: Hashable {
    var bits: UInt128 = 0

    struct Field {
        let offset: Int
        let width: Int
    }

    subscript(field: Field) -> Int {
        get { Int(truncatingIfNeeded: (bits >> UInt128(field.offset)) & mask(field)) }
        set {
            bits &= ~(mask(field) << UInt128(field.offset))
            bits |= (UInt128(newValue) & mask(field)) << UInt128(field.offset)
        }
    }

    private func mask(_ field: Field) -> UInt128 { (1 << UInt128(field.width)) - 1 }
}

/// Where everything of a `HandshakeState` lies.
struct HandshakeLayout {
    typealias Field = HandshakeState.Field

    /// A row of the database, and what its worker made of it.
    struct Row {
        let granted, held, version: Field
        let real, obeyed, obeyedVersion: Field
    }

    /// A snapshot on its way to a worker: of its rows, by share.
    struct Read {
        /// All that follows.
        let all: Field
        let isUnderWay, version: Field
        let granted, rowVersions: [Field]
    }

    struct Report {
        let all: Field
        let isUnderWay, share, held, version: Field
    }

    /// A leader between its reading and its writing.
    struct Leader {
        let isBusy: Field
        let held: [Field]
    }

    let version: Field
    /// By share, then by worker.
    let rows: [[Row]]
    /// By worker.
    let seen: [Field]
    let reads: [[Read]]
    let reports: [[Report]]
    let leaders: [Leader]
    let width: Int

    init(shares: Int, workers: Int, reads: Int, reports: Int, leaders: Int) {
        var offset = 0
        func field(_ width: Int) -> Field {
            defer { offset += width }
            return Field(offset: offset, width: width)
        }
        version = field(3)
        rows = (0..<shares).map { _ in
            (0..<workers).map { _ in
                Row(
                    granted: field(2),
                    held: field(2),
                    version: field(3),
                    real: field(2),
                    obeyed: field(2),
                    obeyedVersion: field(3)
                )
            }
        }
        seen = (0..<workers).map { _ in field(3) }
        self.reads = (0..<workers).map { _ in
            (0..<reads).map { _ in
                Read(
                    all: Field(offset: offset, width: 4 + 5 * shares),
                    isUnderWay: field(1),
                    version: field(3),
                    granted: (0..<shares).map { _ in field(2) },
                    rowVersions: (0..<shares).map { _ in field(3) }
                )
            }
        }
        self.reports = (0..<workers).map { _ in
            (0..<reports).map { _ in
                Report(
                    all: Field(offset: offset, width: 7),
                    isUnderWay: field(1),
                    share: field(1),
                    held: field(2),
                    version: field(3)
                )
            }
        }
        self.leaders = (0..<leaders).map { _ in
            Leader(isBusy: field(1), held: (0..<(shares * workers)).map { _ in field(2) })
        }
        width = offset
    }
}

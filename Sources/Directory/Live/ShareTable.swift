import Foundation
import Postgres

/// The figures of an account's shares while they are gathered.
struct ShareTable {
    private struct Line {
        var granted = 0
        var held = 0
        var wanted = 0
        var borrowed = 0
        var lent = 0
        var used = 0.0
        var backlog = 0
        var oldest: Date?
    }

    private let paths: [String]
    private let pathByID: [Int32: String]
    private var lines: [String: Line] = [:]

    init(_ account: Account) {
        paths = [""] + Self.paths(of: account)
        pathByID = Dictionary(uniqueKeysWithValues: account.shareIDs.map { ($1, $0) })
    }

    /// In the order of the tree, without the account. Not taken from a `ShareTree`, which a quota that fell could refuse.
    private static func paths(of account: Account) -> [String] {
        account.shares.flatMap { $0.paths(below: "") }
    }

    var figures: [ShareFigures] {
        paths.map { path in
            let line = lines[path] ?? Line()
            return ShareFigures(
                path: path,
                granted: line.granted,
                held: line.held,
                wanted: line.wanted,
                borrowed: line.borrowed,
                lent: line.lent,
                used: line.used,
                backlog: line.backlog,
                oldestAt: line.oldest
            )
        }
    }

    mutating func addGrants(_ rows: Rows) throws {
        for (id, granted, held, wanted) in try rows.decode(Int32.self, Int.self, Int.self, Int.self) {
            change(id) { line in
                line.granted = granted
                line.held = held
                line.wanted = wanted
            }
        }
    }

    mutating func addLoans(_ rows: Rows) throws {
        for (lender, borrower, credits) in try rows.decode(String.self, String.self, Int.self) {
            lines[lender, default: Line()].lent += credits
            lines[borrower, default: Line()].borrowed += credits
        }
    }

    mutating func addUse(_ rows: Rows) throws {
        for (id, used) in try rows.decode(Int32.self, Double.self) { change(id) { $0.used = used } }
    }

    mutating func addBacklog(_ rows: Rows) throws {
        for (id, backlog, oldest) in try rows.decode(Int32.self, Int.self, Date?.self) {
            change(id) { line in
                line.backlog = backlog
                line.oldest = oldest
            }
        }
    }

    /// A share that the directory no longer names has no line.
    private mutating func change(_ id: Int32, _ body: (inout Line) -> Void) {
        guard let path = pathByID[id] else { return }
        body(&lines[path, default: Line()])
    }
}

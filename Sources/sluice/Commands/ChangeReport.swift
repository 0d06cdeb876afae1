import Directory

/// What a command changed, or would change.
struct ChangeReport: Encodable {
    struct Line: Encodable {
        let action: String
        let object: String
        let detail: String
    }

    let changes: [Line]
    let version: Int64
    let dry_run: Bool
    private let lines: [String]

    private enum CodingKeys: CodingKey {
        case changes, version, dry_run
    }

    init(_ change: AccountChange, dryRun: Bool) {
        changes = change.changes.map { Line(action: $0.action, object: $0.object, detail: $0.detail) }
        version = change.version
        dry_run = dryRun
        lines = change.changes.map { "\($0)" }
    }

    func show(json: Bool) throws {
        if json { return try Output.json(self) }
        lines.forEach { Output.line($0) }
        if changes.isEmpty {
            Output.line("nothing to change")
        } else {
            Output.line(dry_run ? "dry run: nothing was changed" : "done: version \(version)")
        }
    }
}

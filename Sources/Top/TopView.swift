import Foundation

/// Makes the lines of a picture. Values in, lines out.
public struct TopView: Sendable {
    /// What a terminal shows.
    public struct Screen: Sendable {
        /// As many as it has rows.
        public let lines: [StyledLine]
        /// Where the part that is seen begins, which the state has to know when keys move it.
        public let offset: Int
    }

    /// Lanes that are listed; the others are summed.
    public static let listedLanes = 200

    let width: Int
    let glyphs: Palette.Glyphs

    public init(width: Int, glyphs: Palette.Glyphs) {
        self.width = max(20, width)
        self.glyphs = glyphs
    }

    /// All of it, however long.
    public func whole(_ picture: TopPicture, _ state: TopState) -> [StyledLine] {
        (heading(picture, state) + [StyledLine()] + sections(picture, state)).map { $0.cut(to: width) }
    }

    /// As much of it as fits, with the keys below. `picture` is nil before the first.
    public func screen(_ picture: TopPicture?, _ state: TopState, rows: Int) -> Screen {
        var head = picture.map { heading($0, state) } ?? [StyledLine("sluice top", .title)]
        if let trouble = state.trouble { head.append(StyledLine(trouble, .bad)) }
        var body: [StyledLine] = []
        if state.showsHelp {
            body = Self.help
        } else if let picture {
            body = sections(picture, state)
        }
        head = Array(head.prefix(max(0, rows - 1)))
        let room = max(0, rows - 1 - head.count)
        let offset = max(0, min(state.offset, body.count - room))
        var seen = Array(body.dropFirst(offset).prefix(room))
        seen += Array(repeating: StyledLine(), count: room - seen.count)
        let foot = foot(state, below: max(0, body.count - offset - room))
        return Screen(lines: (head + seen + [foot]).suffix(max(1, rows)).map { $0.cut(to: width) }, offset: offset)
    }

    /// The rows of the part that moves.
    public func page(_ picture: TopPicture?, _ state: TopState, rows: Int) -> Int {
        max(1, rows - 1 - (picture.map { heading($0, state).count } ?? 1) - (state.trouble == nil ? 0 : 1))
    }

    private func sections(_ picture: TopPicture, _ state: TopState) -> [StyledLine] {
        var lines: [StyledLine] = []
        if picture.accounts.isEmpty {
            lines.append(StyledLine("no account is configured: run `sluice apply FILE`", .bad))
        }
        // Lanes come last, for there may be thousands.
        for section in picture.accounts.map({ account($0, state, now: picture.at) }) + [
            webhooks(picture, state), nodes(picture), lanes(picture, state),
        ] where !section.isEmpty {
            if !lines.isEmpty { lines.append(StyledLine()) }
            lines += section
        }
        return lines
    }

    func isWanted(_ names: String..., by state: TopState) -> Bool {
        let filter = state.filter.lowercased()
        return filter.isEmpty || names.contains { $0.lowercased().contains(filter) }
    }

    private func foot(_ state: TopState, below: Int) -> StyledLine {
        var line = StyledLine()
        if state.isEditingFilter {
            line.add("/", .key)
            line.add(state.filter)
            line.add("_   Enter keeps it, Escape leaves it", .faint)
            return line
        }
        let keys = [
            ("q", "quit"), (glyphs.arrows, "move"), ("/", state.filter.isEmpty ? "filter" : "filter: \(state.filter)"),
            ("s", "sort: \(state.sort.rawValue)"), ("p", state.isPaused ? "go on" : "pause"), ("h", "help"),
        ]
        for (key, meaning) in keys {
            line.addWord(key, .key)
            line.addWord(meaning, .faint)
        }
        if below > 0 { line.addWord(" \(below) lines below", .faint) }
        return line
    }

    static let help: [StyledLine] = [
        StyledLine("Keys", .title),
        StyledLine("  q, Ctrl-C     quit"),
        StyledLine("  arrows, j, k  move by a line; PgUp, PgDn, b, space by a page; g, G to an end"),
        StyledLine("  /             show only shares, lanes and webhooks with these letters; Escape ends it"),
        StyledLine("  s             sort lanes by the oldest, depth, ETA, name"),
        StyledLine("  p             let the picture stand still, and the database alone"),
        StyledLine("  h, ?          this page and back"),
        StyledLine(),
        StyledLine("Figures", .title),
        StyledLine("  USED/S   recipients a second over the last five seconds"),
        StyledLine("  RATE     credits that the share is promised; CEIL: the most that it may hold"),
        StyledLine("  CREDITS  that it may use now; LOANS: +borrowed -lent"),
        StyledLine("  WAITING  recipients in the share's lanes; figures of a share are its own, not its children's"),
        StyledLine("  bar      of the account's quota: sent within the guarantee, sent beyond it, held, free to take"),
        StyledLine("  READY    recipients that wait for credits, up to 100,000; DEFERRED: for a time, or a decision"),
        StyledLine("  ETA      until the lane is empty at its present rate"),
        StyledLine("  lag      by how much SES's newest event is behind our newest send"),
    ]
}

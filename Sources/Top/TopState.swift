/// What whoever looks has chosen: where they are, what they look for, how it is sorted.
public struct TopState: Sendable, Equatable {
    public enum Sort: String, CaseIterable, Sendable {
        /// By the age of the oldest.
        case oldest
        /// By how much waits.
        case depth
        /// By the time until it is empty.
        case eta
        case name
    }

    /// What the program has to do.
    public enum Action: Sendable, Equatable {
        case quit, suspend
    }

    /// Lines above the part of the picture that is seen.
    public internal(set) var offset = 0
    public internal(set) var filter = ""
    public internal(set) var isEditingFilter = false
    public internal(set) var sort = Sort.oldest
    /// The picture stands still.
    public internal(set) var isPaused = false
    public internal(set) var showsHelp = false
    /// What is wrong with the reading, if something is.
    public var trouble: String?
    /// Seconds between two pictures, as they are now.
    public var interval = 1.0

    public init(filter: String = "") { self.filter = filter }

    public mutating func press(_ key: TerminalKey, page: Int) -> Action? {
        if key == .suspend { return .suspend }
        if isEditingFilter {
            edit(key)
            return nil
        }
        switch key {
        case .character("q"): return .quit
        case .down, .character("j"): offset += 1
        case .up, .character("k"): offset -= 1
        case .pageDown, .character(" "): offset += max(1, page - 1)
        case .pageUp, .character("b"): offset -= max(1, page - 1)
        case .home, .character("g"): offset = 0
        case .end, .character("G"): offset = .max / 2
        case .character("/"): isEditingFilter = true
        case .character("s"): sort = Sort.allCases[(Sort.allCases.firstIndex(of: sort).map { $0 + 1 } ?? 0) % 4]
        case .character("p"): isPaused.toggle()
        case .character("h"), .character("?"):
            showsHelp.toggle()
            offset = 0
        case .escape: leave()
        default: break
        }
        offset = max(0, offset)
        return nil
    }

    /// Takes over where the picture really begins: there may be less of it than was scrolled over.
    public mutating func settle(at offset: Int) { self.offset = offset }

    private mutating func edit(_ key: TerminalKey) {
        switch key {
        case .character(let character) where filter.count < 64: filter.append(character)
        case .backspace: if !filter.isEmpty { filter.removeLast() }
        case .enter: isEditingFilter = false
        case .escape:
            filter = ""
            isEditingFilter = false
        default: break
        }
        offset = 0
    }

    /// Out of the help, or else out of the filter.
    private mutating func leave() {
        if showsHelp { showsHelp = false } else { filter = "" }
        offset = 0
    }
}

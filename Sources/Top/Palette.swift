/// How a terminal shows styles and bars: with its sixteen colours, or without any (`NO_COLOR`), in Unicode or in ASCII.
public struct Palette: Sendable, Equatable {
    public struct Glyphs: Sendable, Equatable {
        let used: String
        let held: String
        let free: String
        let ellipsis: String
        let rule: String
        let arrows: String

        public static let unicode = Glyphs(used: "█", held: "▒", free: "·", ellipsis: "…", rule: "─", arrows: "↑↓")
        public static let ascii = Glyphs(used: "#", held: "=", free: ".", ellipsis: "...", rule: "-", arrows: "jk")
    }

    public var hasColours: Bool
    /// Whether there is a terminal at all: without one no line holds a control character.
    public var hasStyles: Bool
    public var glyphs: Glyphs

    public init(hasColours: Bool, hasStyles: Bool = true, glyphs: Glyphs) {
        self.hasColours = hasColours
        self.hasStyles = hasStyles
        self.glyphs = glyphs
    }

    /// What the environment of a terminal asks for (https://no-color.org).
    public init(environment: [String: String], isTerminal: Bool) {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        let isUTF8 = locale.lowercased().replacing("-", with: "").contains("utf8")
        self.init(
            hasColours: isTerminal && environment["NO_COLOR", default: ""].isEmpty,
            hasStyles: isTerminal,
            glyphs: isUTF8 ? .unicode : .ascii
        )
    }

    /// The line as a terminal takes it.
    public func encode(_ line: StyledLine) -> String {
        line.pieces.map { piece in
            let codes = codes(piece.style)
            return codes.isEmpty ? piece.text : "\u{1B}[\(codes)m\(piece.text)\u{1B}[0m"
        }.joined()
    }

    private func codes(_ style: TextStyle) -> String {
        guard hasStyles else { return "" }
        return switch style {
        case .plain: ""
        case .strong: "1"
        case .key: "7"
        case .faint: hasColours ? "90" : ""
        case .title: hasColours ? "1;36" : "1"
        case .good: hasColours ? "32" : ""
        case .warning: hasColours ? "33" : "1"
        case .bad: hasColours ? "1;31" : "1"
        }
    }
}

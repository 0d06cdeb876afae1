/// What a piece of a line means; a palette says how it looks.
public enum TextStyle: Sendable, Equatable {
    case plain, faint, strong, title, good, warning, bad, key
}

/// A line in pieces of one style each. Its text holds nothing that a terminal would take for a command.
public struct StyledLine: Sendable, Equatable {
    public struct Piece: Sendable, Equatable {
        public var text: String
        public var style: TextStyle
    }

    public private(set) var pieces: [Piece] = []

    public init() {}

    public init(_ text: String, _ style: TextStyle = .plain) { add(text, style) }

    public mutating func add(_ text: String, _ style: TextStyle = .plain) {
        guard !text.isEmpty else { return }
        pieces.append(Piece(text: Self.harmless(text), style: style))
    }

    /// The same with a style and a space in front.
    public mutating func addWord(_ text: String, _ style: TextStyle = .plain) {
        if !pieces.isEmpty { add(" ") }
        add(text, style)
    }

    public var text: String { pieces.map(\.text).joined() }
    public var width: Int { pieces.reduce(0) { $0 + $1.text.unicodeScalars.count } }

    /// Cut to a width.
    public func cut(to width: Int) -> StyledLine {
        var line = StyledLine()
        var left = width
        for piece in pieces where left > 0 {
            let scalars = piece.text.unicodeScalars
            line.pieces.append(Piece(text: String(String.UnicodeScalarView(scalars.prefix(left))), style: piece.style))
            left -= scalars.count
        }
        return line
    }

    /// What others have written (SES's words, tenants' names) may hold anything. Every scalar that stays is one column wide.
    private static func harmless(_ text: String) -> String {
        func isPlain(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar.value {
            // Latin; dashes and the ellipsis; arrows; lines, blocks and bullets of our own.
            case 0x20..<0x7F, 0xA1..<0xAD, 0xAE..<0x250, 0x2010..<0x2028, 0x2190..<0x219A, 0x2500..<0x25D0: true
            default: false
            }
        }
        guard !text.unicodeScalars.allSatisfy(isPlain) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { isPlain($0) ? $0 : "?" }))
    }
}

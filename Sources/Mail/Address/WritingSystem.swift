/// The script that a letter belongs to, as far as mixed scripts in domains have to be told apart (Unicode UTS 39).
///
/// The standard library does not know scripts, so they come from block ranges. Those that are not named are one, `other`:
/// two of them in one label are not told apart.
enum WritingSystem: Hashable {
    case latin, greek, cyrillic, armenian, hebrew, arabic, devanagari, thai, georgian, cherokee
    case han, hiragana, katakana, bopomofo, hangul
    case other

    /// Nil for what belongs to none: digits, hyphens, combining marks.
    init?(_ scalar: Unicode.Scalar) {
        switch scalar.value {
        case 0x61...0x7A, 0x41...0x5A: self = .latin
        case 0..<0x80, 0xB7, 0x300...0x36F, 0x30FB, 0x30FC: return nil
        case 0xAA, 0xBA, 0xC0...0x2AF, 0x1E00...0x1EFF, 0x2C60...0x2C7F, 0xA720...0xA7FF: self = .latin
        case 0x370...0x3FF, 0x1F00...0x1FFF: self = .greek
        case 0x400...0x52F, 0x1C80...0x1C8F, 0x2DE0...0x2DFF, 0xA640...0xA69F: self = .cyrillic
        case 0x530...0x58F: self = .armenian
        case 0x590...0x5FF: self = .hebrew
        case 0x600...0x6FF, 0x750...0x77F, 0x8A0...0x8FF: self = .arabic
        case 0x900...0x97F: self = .devanagari
        case 0xE00...0xE7F: self = .thai
        case 0x10A0...0x10FF, 0x1C90...0x1CBF, 0x2D00...0x2D2F: self = .georgian
        case 0x13A0...0x13FF, 0xAB70...0xABBF: self = .cherokee
        case 0x1100...0x11FF, 0x3130...0x318F, 0xAC00...0xD7AF: self = .hangul
        case 0x3005, 0x3007, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x323AF: self = .han
        case 0x3041...0x309F: self = .hiragana
        case 0x30A1...0x30FA, 0x30FD...0x30FF, 0x31F0...0x31FF: self = .katakana
        case 0x3100...0x312F, 0x31A0...0x31BF: self = .bopomofo
        default: self = .other
        }
    }

    /// Scripts that stand in one word in some language: one alone, or Latin with those of Japanese, Chinese or Korean.
    static func mayMix(_ scripts: Set<WritingSystem>) -> Bool {
        scripts.count < 2 || mixtures.contains { scripts.isSubset(of: $0) }
    }

    private static let mixtures: [Set<WritingSystem>] = [
        [.latin, .han, .hiragana, .katakana], [.latin, .han, .bopomofo], [.latin, .han, .hangul],
    ]
}

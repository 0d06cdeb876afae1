/// Nasty text from a seed.
enum Text {
    private static let ranges: [ClosedRange<UInt32>] = [
        0x20...0x7E, 0x20...0x7E, 0x20...0x7E, 0xA1...0x17F, 0x370...0x3FF, 0x400...0x4FF, 0x5D0...0x5EA, 0x620...0x64A,
        0x915...0x939, 0xE01...0xE30, 0x3041...0x3096, 0x4E00...0x4FFF, 0xAC00...0xAD00, 0x1F300...0x1F6FF,
        0x300...0x30F,
        0x200B...0x200F, 0x10FF00...0x10FFFD,
    ]

    /// Never a control character.
    static func scalar(_ random: inout SeededGenerator) -> Unicode.Scalar {
        Unicode.Scalar(UInt32.random(in: random.pick(ranges), using: &random)) ?? "x"
    }

    /// Scalars of all sorts, spaces and all.
    static func mess(_ count: Int, _ random: inout SeededGenerator) -> String {
        var view = String.UnicodeScalarView()
        for _ in 0..<count { view.append(random.chance(12) ? " " : scalar(&random)) }
        return String(view)
    }

    private static let alphabets: [[String]] = [
        "abcdefghijklmnopqrstuvwxyzäöüßéèñçøåæœąčęėįšųūžđħłŧŋ", "абвгдежзийклмнопрстуфхцчшщъыьэюяіїєґ",
        "αβγδεζηθικλμνξοπρστυφχψωάέήίόύώς",
        "אבגדהוזחטיכלמנסעפצקרשת", "ابتثجحخدذرزسشصضطظعغفقكلمنهوي", "あいうえおかきくけこアイウエオ漢字日本語中文", "한국어메일주소도메인", "ไทยภาษา",
        "0123456789-",
    ].map { $0.map { String($0) } }

    /// A word of one alphabet, sometimes with digits, hyphens or another alphabet mixed in.
    static func word(_ random: inout SeededGenerator) -> String {
        let alphabet = random.pick(alphabets)
        return (0..<Int.random(in: 1...20, using: &random)).map { _ in
            random.chance(4) ? random.pick(random.pick(alphabets)) : random.pick(alphabet)
        }.joined()
    }

    /// Words with spaces, ASCII only.
    static func asciiWords(_ count: Int, _ random: inout SeededGenerator) -> String {
        (0..<count).map { _ in
            (0..<Int.random(in: 1...14, using: &random)).map { _ in
                String(random.pick("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789.,:;!?=_'\"()<>[]@\\/-".map { $0 }))
            }.joined()
        }.joined(separator: " ")
    }
}

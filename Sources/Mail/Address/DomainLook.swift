/// How a domain looks to people, who see letters and not Punycode: what it spells, and what it could be taken for.
public struct DomainLook: Hashable, Sendable {
    /// The domain in its own script.
    public let text: String
    /// The domain with letters of other scripts replaced by the Latin ones that they look like. Two domains that cannot be told
    /// apart have the same.
    public let skeleton: String
    /// Why it could fool people: mixed scripts, or a name that only looks Latin. Nil where it could not.
    public let fault: String?

    public init(_ domain: DomainName) {
        let labels = domain.ascii.split(separator: ".").map(Self.decoded)
        text = labels.map(Self.string).joined(separator: ".")
        skeleton = labels.map { Self.string($0.map(Self.latin)) }.joined(separator: ".")
        let isLatinBelow = domain.ascii.split(separator: ".").last.map { !$0.hasPrefix("xn--") } ?? true
        fault = labels.lazy.compactMap { Self.fault(of: $0, isLatinBelow: isLatinBelow) }.first
    }

    private static func fault(of label: [Unicode.Scalar], isLatinBelow: Bool) -> String? {
        guard !label.allSatisfy(\.isASCII) else { return nil }
        let scripts = Set(label.compactMap(WritingSystem.init))
        if !WritingSystem.mayMix(scripts) {
            return "'\(string(label))' mixes letters of several scripts, which makes it look like another name"
        }
        let replaced = label.map(latin)
        // A Cyrillic word below a Cyrillic top-level domain is read as what it is.
        if isLatinBelow, scripts != [.latin], replaced.allSatisfy(\.isASCII) {
            return "'\(string(label))' is not Latin, but looks like '\(string(replaced))'"
        }
        return nil
    }

    private static func decoded(_ label: Substring) -> [Unicode.Scalar] {
        guard label.hasPrefix("xn--"), let scalars = Punycode.decode(label.utf8.dropFirst(4)) else {
            return Array(label.unicodeScalars)
        }
        return scalars
    }

    private static func string(_ scalars: [Unicode.Scalar]) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    private static func latin(_ scalar: Unicode.Scalar) -> Unicode.Scalar { lookAlikes[scalar] ?? scalar }

    /// Small letters that are drawn like Latin ones (from Unicode's confusables, those of one letter).
    private static let lookAlikes: [Unicode.Scalar: Unicode.Scalar] = [
        // Cyrillic
        "\u{0430}": "a", "\u{0435}": "e", "\u{043E}": "o", "\u{0440}": "p", "\u{0441}": "c", "\u{0443}": "y",
        "\u{0445}": "x", "\u{0455}": "s", "\u{0456}": "i", "\u{0458}": "j", "\u{0475}": "v", "\u{04BB}": "h",
        "\u{04CF}": "l", "\u{0501}": "d", "\u{051B}": "q", "\u{051D}": "w", "\u{0433}": "r", "\u{043A}": "k",
        // Greek
        "\u{03B1}": "a", "\u{03B3}": "y", "\u{03B5}": "e", "\u{03B9}": "i", "\u{03BA}": "k", "\u{03BD}": "v",
        "\u{03BF}": "o", "\u{03C1}": "p", "\u{03C5}": "u", "\u{03C7}": "x", "\u{03C9}": "w", "\u{03B7}": "n",
        // Armenian
        "\u{0585}": "o", "\u{057D}": "u", "\u{0570}": "h", "\u{0578}": "n", "\u{0581}": "g", "\u{0566}": "q",
        // Latin of other alphabets
        "\u{0131}": "i", "\u{0251}": "a", "\u{0261}": "g", "\u{0269}": "i", "\u{028B}": "v",
    ]
}

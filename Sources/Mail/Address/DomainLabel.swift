/// The checks of IDNA2008 on one label of non-ASCII text that has been mapped and is in NFC (RFC 5891, section 5.4).
///
/// What a scalar may do is derived from its Unicode properties as RFC 5892, section 3, says, so it follows the
/// Unicode version of the Swift runtime. The standard library has no script and no bidirectional class: those come
/// from block ranges.
enum DomainLabel {
    static func check(_ label: [Unicode.Scalar]) throws(AddressError) {
        guard label.first != "-", label.last != "-" else {
            throw AddressError(.domain, "a part of the domain starts or ends with a hyphen")
        }
        if label.count >= 4, label[2] == "-", label[3] == "-" {
            throw AddressError(.domain, "a part of the domain has hyphens in third and fourth place")
        }
        if let first = label.first, isMark(first) {
            throw AddressError(.domain, "a part of the domain starts with a combining mark")
        }
        for (index, scalar) in label.enumerated() where !isAllowed(scalar) {
            guard isAllowedInContext(scalar, label, index) else {
                let name = "U+" + hexadecimal(scalar.value)
                throw AddressError(.domain, "the domain holds the character \(name), which domain names may not hold")
            }
        }
        guard Bidirectional.isSound(label) else {
            throw AddressError(.domain, "a part of the domain mixes right-to-left and left-to-right text (RFC 5893)")
        }
    }

    /// What stands in nobody's name, however it was encoded; names that older rules allow, such as those of emoji, do exist.
    static func isNoCharacter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .spaceSeparator, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
        default: false
        }
    }

    /// PROTOCOL VALID of RFC 5892.
    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x2D, 0x30...0x39, 0x61...0x7A: return true
        case 0...0x7F: return false
        case 0xDF, 0x3C2, 0x6FD, 0x6FE, 0xF0B, 0x3007: return true
        case 0x640, 0x7FA, 0x302E, 0x302F, 0x3031...0x3035, 0x303B: return false
        // These depend on what stands around them.
        case 0xB7, 0x375, 0x5F3, 0x5F4, 0x30FB, 0x660...0x669, 0x6F0...0x6F9, 0x200C, 0x200D: return false
        // Old Hangul Jamo, and blocks of symbols that combine.
        case 0x1100...0x11FF, 0xA960...0xA97C, 0xD7B0...0xD7FB: return false
        case 0x20D0...0x20FF, 0x1D100...0x1D1FF, 0x1D200...0x1D24F: return false
        default: break
        }
        let properties = scalar.properties
        if properties.changesWhenNFKCCaseFolded || properties.isDefaultIgnorableCodePoint { return false }
        if properties.isWhitespace || properties.isNoncharacterCodePoint { return false }
        switch properties.generalCategory {
        case .lowercaseLetter, .uppercaseLetter, .otherLetter, .modifierLetter, .decimalNumber, .nonspacingMark,
            .spacingMark:
            return true
        default:
            return false
        }
    }

    /// CONTEXTJ and CONTEXTO (RFC 5892, appendix A).
    private static func isAllowedInContext(_ scalar: Unicode.Scalar, _ label: [Unicode.Scalar], _ index: Int) -> Bool {
        let before = index > 0 ? label[index - 1] : nil
        let after = index + 1 < label.count ? label[index + 1] : nil
        switch scalar.value {
        case 0xB7: return before == "l" && after == "l"
        case 0x375: return after.map(isGreek) ?? false
        case 0x5F3, 0x5F4: return before.map(isHebrew) ?? false
        case 0x30FB: return label.contains(where: isJapanese)
        case 0x660...0x669: return !label.contains { (0x6F0...0x6F9).contains($0.value) }
        case 0x6F0...0x6F9: return !label.contains { (0x660...0x669).contains($0.value) }
        case 0x200C: return isVirama(before) || Joining.joins(label, around: index)
        case 0x200D: return isVirama(before)
        default: return false
        }
    }

    private static func isVirama(_ scalar: Unicode.Scalar?) -> Bool {
        scalar?.properties.canonicalCombiningClass == .virama
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: false
        }
    }

    private static func isGreek(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x370...0x373, 0x375...0x377, 0x37A...0x37D, 0x37F, 0x384, 0x386, 0x388...0x3E1, 0x3F0...0x3FF: true
        case 0x1F00...0x1FFE: true
        default: false
        }
    }

    private static func isHebrew(_ scalar: Unicode.Scalar) -> Bool {
        (0x591...0x5F4).contains(scalar.value) || (0xFB1D...0xFB4F).contains(scalar.value)
    }

    private static func isJapanese(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x3041...0x3096, 0x309D...0x309F, 0x30A1...0x30FA, 0x30FD...0x30FF, 0x31F0...0x31FF: true
        case 0x1AFF0...0x1B16F: true
        case 0x3005, 0x3007, 0x3021...0x3029, 0x3038...0x303B, 0x3400...0x4DBF, 0x4E00...0x9FFF: true
        case 0xF900...0xFAD9, 0x16FE2, 0x16FE3, 0x16FF0, 0x16FF1, 0x20000...0x323AF: true
        default: false
        }
    }

    private static func hexadecimal(_ value: UInt32) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}

extension DomainLabel {
    /// Cherokee folds to upper case (Unicode 8.0): the capital is the form that a domain may hold.
    static func isCherokee(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x13A0...0x13FD, 0xAB70...0xABBF: true
        default: false
        }
    }

    static func foldCherokee(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        let folded: UInt32 =
            switch scalar.value {
            case 0x13F8...0x13FD: scalar.value - 8
            case 0xAB70...0xABBF: scalar.value - 0xAB70 + 0x13A0
            default: scalar.value
            }
        return Unicode.Scalar(folded) ?? scalar
    }
}

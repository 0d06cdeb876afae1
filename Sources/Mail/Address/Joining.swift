/// Where a zero width non-joiner separates two letters that would join (RFC 5892, appendix A.1), as Persian words
/// need it.
///
/// Known for the Arabic letters of U+0620 to U+06FF, the ones in use for such names; elsewhere the answer is no.
enum Joining {
    static func joins(_ label: [Unicode.Scalar], around index: Int) -> Bool {
        let before = label[..<index].last { !isTransparent($0) }
        let after = label[(index + 1)...].first { !isTransparent($0) }
        guard let before, let after else { return false }
        return isLetter(before) && !joinsOnlyToTheRight(before) && isLetter(after)
    }

    private static func isTransparent(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .nonspacingMark
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x621, 0x674, 0x6D5: scalar.value == 0x6D5
        case 0x620...0x63F, 0x641...0x64A, 0x66E, 0x66F, 0x671...0x6D3, 0x6EE, 0x6EF, 0x6FA...0x6FC, 0x6FF: true
        default: false
        }
    }

    private static func joinsOnlyToTheRight(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x622...0x625, 0x627, 0x629, 0x62F...0x632, 0x648, 0x671...0x673, 0x675...0x677, 0x688...0x699: true
        case 0x6C0, 0x6C3...0x6CB, 0x6CD, 0x6CF, 0x6D2, 0x6D3, 0x6D5, 0x6EE, 0x6EF: true
        default: false
        }
    }
}

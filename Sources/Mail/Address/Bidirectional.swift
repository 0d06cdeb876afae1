/// The Bidi rule for one label (RFC 5893, section 2).
enum Bidirectional {
    /// The classes that the rule tells apart; `neutral` stands for ES, CS, ET, ON and BN.
    private enum Direction { case left, right, europeanNumber, arabicNumber, mark, neutral }

    /// True for every label without right-to-left text.
    static func isSound(_ label: [Unicode.Scalar]) -> Bool {
        let directions = label.map(direction)
        guard directions.contains(where: { $0 == .right || $0 == .arabicNumber }) else { return true }
        // What is right-to-left in part must be so from the start: an L label may hold neither R, AL nor AN.
        guard directions.first == .right, !directions.contains(.left) else { return false }
        guard let last = directions.last(where: { $0 != .mark }), last != .neutral else { return false }
        return !(directions.contains(.europeanNumber) && directions.contains(.arabicNumber))
    }

    private static func direction(_ scalar: Unicode.Scalar) -> Direction {
        switch scalar.value {
        case 0x30...0x39, 0x6F0...0x6F9: return .europeanNumber
        case 0x660...0x669, 0x10D30...0x10D39, 0x10E60...0x10E7E: return .arabicNumber
        case 0x2D, 0xB7, 0x375, 0x30FB, 0x200C, 0x200D: return .neutral
        // Modifier letters that are no letters of a script, and marks that take room.
        case 0x2B9, 0x2BA, 0x2C6...0x2CF, 0x2EC, 0x374, 0x2E2F, 0xA67F, 0xA717...0xA71F, 0xA788: return .neutral
        case 0xCBF, 0xCC6, 0x11A07, 0x11A08, 0x11C3F: return .left
        default: break
        }
        if scalar.properties.generalCategory == .nonspacingMark { return .mark }
        switch scalar.value {
        case 0x590...0x8FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFF, 0x10800...0x10FFF, 0x1E800...0x1EFFF: return .right
        default: return .left
        }
    }
}

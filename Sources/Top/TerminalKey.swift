/// A key that was pressed.
public enum TerminalKey: Sendable, Equatable {
    case character(Character)
    case up, down, pageUp, pageDown, home, end
    case enter, escape, backspace
    /// Ctrl-Z.
    case suspend
}

/// Makes keys of what a terminal sends. A sequence that is cut between two reads is put together.
public struct KeyDecoder: Sendable {
    private var rest: [UInt8] = []

    public init() {}

    public mutating func keys(in bytes: [UInt8]) -> [TerminalKey] {
        var input = rest[...] + bytes[...]
        rest = []
        var keys: [TerminalKey] = []
        while let first = input.first {
            if first == 0x1B {
                guard let sequence = Self.sequence(input) else {
                    // The escape key alone comes alone; what has begun a sequence goes on in the next read.
                    if input.count == 1 { keys.append(.escape) } else { rest = Array(input) }
                    return keys
                }
                input = input.dropFirst(sequence.length)
                if let key = sequence.key { keys.append(key) }
                continue
            }
            let length = Self.length(first)
            guard input.count >= length else {
                rest = Array(input)
                return keys
            }
            if let key = Self.key(input.prefix(length)) { keys.append(key) }
            input = input.dropFirst(length)
        }
        return keys
    }

    /// Of a character's first byte in UTF-8.
    private static func length(_ first: UInt8) -> Int {
        switch first {
        case 0xC0..<0xE0: 2
        case 0xE0..<0xF0: 3
        case 0xF0...: 4
        default: 1
        }
    }

    private static func key(_ bytes: ArraySlice<UInt8>) -> TerminalKey? {
        switch bytes.first {
        case 0x0A, 0x0D: return .enter
        case 0x08, 0x7F: return .backspace
        case 0x1A: return .suspend
        case 0x04, 0x06: return .pageDown
        case 0x02, 0x15: return .pageUp
        default: break
        }
        guard let text = String(validating: bytes, as: UTF8.self), let character = text.first,
            text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else { return nil }
        return .character(character)
    }

    /// A sequence that is whole, and its key where it has one; nil when there is more to come.
    private static func sequence(_ input: ArraySlice<UInt8>) -> (length: Int, key: TerminalKey?)? {
        let body = input.dropFirst()
        guard let kind = body.first else { return nil }
        // Escape and a character of its own: Alt and that key, which says nothing here.
        guard kind == UInt8(ascii: "[") || kind == UInt8(ascii: "O") else { return (2, nil) }
        guard let end = body.dropFirst().firstIndex(where: { (0x40...0x7E).contains($0) }) else {
            return input.count > 16 ? (input.count, nil) : nil
        }
        let parameters = body[body.startIndex + 1..<end].prefix { $0 != UInt8(ascii: ";") }
        let key: TerminalKey? =
            switch input[end] {
            case UInt8(ascii: "A"): .up
            case UInt8(ascii: "B"): .down
            case UInt8(ascii: "H"): .home
            case UInt8(ascii: "F"): .end
            case UInt8(ascii: "~"):
                switch String(decoding: parameters, as: UTF8.self) {
                case "1", "7": .home
                case "4", "8": .end
                case "5": .pageUp
                case "6": .pageDown
                default: nil
                }
            default: nil
            }
        return (end - input.startIndex + 1, key)
    }
}

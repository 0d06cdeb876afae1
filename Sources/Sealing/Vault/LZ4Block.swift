/// LZ4's block format behind the length of the text: for texts that are encrypted next, which nothing can pack afterwards.
enum LZ4Block {
    private static let leastMatch = 4
    /// The last match begins so far before the end at least, and the last five bytes are never part of one.
    private static let tail = 12
    private static let farthest = 65_535
    private static let slots = 12
    /// No text is longer than so many times what it was packed to.
    private static let mostRatio = 255

    static func pack(_ text: [UInt8]) -> [UInt8] {
        var packed: [UInt8] = []
        packed.reserveCapacity(text.count / 2 + 64)
        let count = UInt32(truncatingIfNeeded: text.count)
        for shift in [0, 8, 16, 24] as [UInt32] { packed.append(UInt8(truncatingIfNeeded: count >> shift)) }
        var seen = [Int32](repeating: -1, count: 1 << slots)
        var start = 0
        var place = 0
        var misses = 0
        while place < text.count - tail {
            let word = word(of: text, at: place)
            let slot = Int((word &* 2_654_435_761) >> UInt32(32 - slots))
            let candidate = Int(seen[slot])
            seen[slot] = Int32(truncatingIfNeeded: place)
            guard candidate >= 0, place - candidate <= farthest, self.word(of: text, at: candidate) == word else {
                // What has not been packed for a while will not be: look at fewer places.
                misses += 1
                place += 1 + misses >> 6
                continue
            }
            var length = leastMatch
            while place + length < text.count - 5, text[candidate + length] == text[place + length] { length += 1 }
            append(text[start..<place], offset: place - candidate, match: length, to: &packed)
            place += length
            start = place
            misses = 0
        }
        append(text[start...], offset: 0, match: 0, to: &packed)
        return packed
    }

    /// Nil for what ``pack(_:)`` did not make.
    static func unpack(_ packed: [UInt8]) -> [UInt8]? {
        guard packed.count > 4 else { return nil }
        let count = packed[0..<4].reversed().reduce(0) { $0 << 8 | Int($1) }
        guard count <= packed.count * mostRatio else { return nil }
        var text = [UInt8](repeating: 0, count: count)
        var filled = 0
        var place = 4
        while place < packed.count {
            let token = Int(packed[place])
            place += 1
            guard let literals = length(token >> 4, packed, &place), literals <= packed.count - place,
                literals <= count - filled
            else { return nil }
            for index in 0..<literals { text[filled + index] = packed[place + index] }
            filled += literals
            place += literals
            if place == packed.count { break }
            guard place + 2 <= packed.count else { return nil }
            let offset = Int(packed[place]) | Int(packed[place + 1]) << 8
            place += 2
            guard let more = length(token & 15, packed, &place), offset > 0, offset <= filled,
                more + leastMatch <= count - filled
            else { return nil }
            for index in filled..<filled + more + leastMatch { text[index] = text[index - offset] }
            filled += more + leastMatch
        }
        return filled == count ? text : nil
    }

    private static func word(of text: [UInt8], at place: Int) -> UInt32 {
        UInt32(text[place]) | UInt32(text[place + 1]) << 8 | UInt32(text[place + 2]) << 16
            | UInt32(text[place + 3]) << 24
    }

    /// Literals, and a match behind them unless its length is 0.
    private static func append(_ literals: ArraySlice<UInt8>, offset: Int, match: Int, to packed: inout [UInt8]) {
        let more = max(match - leastMatch, 0)
        packed.append(UInt8(min(literals.count, 15) << 4 | min(more, 15)))
        appendRest(of: literals.count, to: &packed)
        packed += literals
        guard match > 0 else { return }
        packed.append(UInt8(truncatingIfNeeded: offset))
        packed.append(UInt8(truncatingIfNeeded: offset >> 8))
        appendRest(of: more, to: &packed)
    }

    /// What of a length does not fit into its half of the token.
    private static func appendRest(of length: Int, to packed: inout [UInt8]) {
        guard length >= 15 else { return }
        var rest = length - 15
        while rest >= 255 {
            packed.append(255)
            rest -= 255
        }
        packed.append(UInt8(rest))
    }

    private static func length(_ half: Int, _ packed: [UInt8], _ place: inout Int) -> Int? {
        guard half == 15 else { return half }
        var length = half
        while place < packed.count {
            let byte = packed[place]
            place += 1
            length += Int(byte)
            if byte < 255 { return length }
        }
        return nil
    }
}

/// Cuts a stream of bytes into lines, of which none is longer than it may be.
struct LineSplitter {
    /// A line is too long, and so is all that would be kept of it.
    struct TooLong: Error {
        let line: Int
    }

    private var rest: [UInt8] = []
    /// Lines that are complete.
    private(set) var count = 0

    /// Hands each line that `bytes` complete, without its end, to `take` with its number, from 1.
    mutating func push(
        _ bytes: some Collection<UInt8>,
        maximum: (Int) -> Int,
        take: ([UInt8], Int) throws -> Void
    ) throws {
        var left = bytes[...]
        while let end = left.firstIndex(of: UInt8(ascii: "\n")) {
            rest.append(contentsOf: left[..<end])
            left = left[left.index(after: end)...]
            try finish(maximum: maximum, take: take)
        }
        rest.append(contentsOf: left)
        guard rest.count <= maximum(count + 1) else { throw TooLong(line: count + 1) }
    }

    /// The last line need not have an end.
    mutating func end(maximum: (Int) -> Int, take: ([UInt8], Int) throws -> Void) throws {
        if !rest.isEmpty { try finish(maximum: maximum, take: take) }
    }

    private mutating func finish(maximum: (Int) -> Int, take: ([UInt8], Int) throws -> Void) throws {
        count += 1
        if rest.last == UInt8(ascii: "\r") { rest.removeLast() }
        guard rest.count <= maximum(count) else { throw TooLong(line: count) }
        let line = rest
        rest.removeAll(keepingCapacity: true)
        if !line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { try take(line, count) }
    }
}

/// An answer as the loop collected it; the calling task makes the response of it, off the loop's thread.
struct RawAnswer: Sendable {
    static let maxHeadBytes = 64 << 10

    /// The final answer's head, line ends included; heads of interim answers (1xx) are replaced by the next one.
    private(set) var head: [UInt8] = []
    private(set) var body: [UInt8] = []
    private var isHeadComplete = false
    private(set) var firstByteAt: ContinuousClock.Instant?

    var bodySentAt: ContinuousClock.Instant?
    var answeredAt: ContinuousClock.Instant = .now
    var connectionReused = false
    var timings = TransferTimings()

    /// Takes one header line; `false` when the head has become too long.
    mutating func takeHeaderLine(_ line: UnsafeRawBufferPointer) -> Bool {
        if firstByteAt == nil { firstByteAt = .now }
        if isHeadComplete {
            // A trailer field, which is dropped, unless a new head starts after an interim answer.
            guard unsafe line.starts(with: "HTTP/".utf8), body.isEmpty else { return true }
            head.removeAll(keepingCapacity: true)
            isHeadComplete = false
        }
        unsafe head.append(contentsOf: line)
        isHeadComplete = unsafe line.allSatisfy { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }
        return head.count <= Self.maxHeadBytes
    }

    /// Takes a piece of the body; `false` when it would become longer than `limit`.
    mutating func takeBody(_ bytes: UnsafeRawBufferPointer, limit: Int) -> Bool {
        guard body.count + bytes.count <= limit else { return false }
        unsafe body.append(contentsOf: bytes)
        return true
    }
}

extension RawAnswer {
    /// The response, or `nil` if the head has no status line.
    func response() -> OutboundResponse? {
        var lines = head.split(separator: UInt8(ascii: "\n")).makeIterator()
        guard let status = lines.next().flatMap(Self.status) else { return nil }
        var fields = HeaderFields()
        while let rawLine = lines.next() {
            let line = rawLine.trimmingBlanks()
            guard let first = rawLine.first, !line.isEmpty else { continue }
            if first.isBlank {
                fields.continueLast(with: String(decoding: line, as: UTF8.self))
            } else if let colon = line.firstIndex(of: UInt8(ascii: ":")) {
                fields.append(
                    name: String(decoding: line[..<colon], as: UTF8.self),
                    value: String(decoding: line[line.index(after: colon)...].trimmingBlanks(), as: UTF8.self)
                )
            }
        }
        return OutboundResponse(
            status: status,
            headers: fields,
            body: body,
            bodySentAt: bodySentAt,
            answeredAt: answeredAt,
            connectionReused: connectionReused,
            timings: timings
        )
    }

    private static func status(of line: ArraySlice<UInt8>) -> Int? {
        line.split(separator: UInt8(ascii: " "), maxSplits: 2).dropFirst().first
            .flatMap { Int(String(decoding: $0.trimmingBlanks(), as: UTF8.self)) }
    }
}

extension ArraySlice<UInt8> {
    fileprivate func trimmingBlanks() -> ArraySlice<UInt8> {
        guard let first = firstIndex(where: { !$0.isBlank }), let last = lastIndex(where: { !$0.isBlank }) else {
            return []
        }
        return self[first...last]
    }
}

extension UInt8 {
    fileprivate var isBlank: Bool { self == 0x20 || (0x09...0x0d).contains(self) }
}

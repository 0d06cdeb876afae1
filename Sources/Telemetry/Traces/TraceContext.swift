/// A span of a trace, as other programs name it (W3C Trace Context). Only traces that are recorded have one here: what is not
/// sampled is nowhere.
public struct TraceContext: Sendable, Hashable {
    /// The span that this task works for. What is made, logged or stored on the way looks here, so that nothing passes it on.
    @TaskLocal public static var current: TraceContext?

    /// Of `bytes`.
    public static let size = 24

    let traceHigh: UInt64
    let traceLow: UInt64
    let span: UInt64

    /// The trace's id in 32 hexadecimal digits, the span's in 16.
    public var traceID: String { HexText.of(traceHigh) + HexText.of(traceLow) }
    public var spanID: String { HexText.of(span) }

    /// The header that hands the trace on: recorded.
    public var traceparent: String { "00-\(traceID)-\(spanID)-01" }

    /// Another span of the trace.
    func child(_ span: UInt64) -> TraceContext {
        TraceContext(traceHigh: traceHigh, traceLow: traceLow, span: span)
    }

    // MARK: As it is stored

    /// The ids, the trace's first.
    public var bytes: [UInt8] {
        [traceHigh, traceLow, span].flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) }
        }
    }

    /// Nil for what is not of `size` bytes, or names nothing.
    public init?(bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        func word(_ start: Int) -> UInt64 {
            bytes[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) }
        }
        self.init(traceHigh: word(0), traceLow: word(8), span: word(16))
        guard isNamed else { return nil }
    }

    init(traceHigh: UInt64, traceLow: UInt64, span: UInt64) {
        (self.traceHigh, self.traceLow, self.span) = (traceHigh, traceLow, span)
    }

    /// Zeros name nothing.
    private var isNamed: Bool { (traceHigh != 0 || traceLow != 0) && span != 0 }

    // MARK: The header

    /// What a `traceparent` header says: the caller's span, and whether it is recorded there. Nil where it is not valid, which the
    /// standard wants treated as if it were not there.
    public static func parse(_ header: String) -> (context: TraceContext, isSampled: Bool)? {
        let text = Array(header.utf8)
        let dash = UInt8(ascii: "-")
        guard text.count >= 55, text[2] == dash, text[35] == dash, text[52] == dash,
            let version = HexText.number(text[0..<2]), version != 0xFF,
            let high = HexText.number(text[3..<19]), let low = HexText.number(text[19..<35]),
            let span = HexText.number(text[36..<52]), let flags = HexText.number(text[53..<55])
        else { return nil }
        // Later versions may say more, behind another dash.
        guard version == 0 ? text.count == 55 : (text.count == 55 || text[55] == dash) else {
            return nil
        }
        let context = TraceContext(traceHigh: high, traceLow: low, span: span)
        return context.isNamed ? (context, flags & 1 == 1) : nil
    }
}

/// Numbers in hexadecimal digits, lower case only, as the standard wants.
enum HexText {
    private static let digits = Array("0123456789abcdef".utf8)

    static func of(_ word: UInt64) -> String {
        String(
            decoding: (0..<16).map { digits[Int(word >> (60 - 4 * UInt64($0)) & 0xF)] },
            as: UTF8.self
        )
    }

    static func number(_ text: ArraySlice<UInt8>) -> UInt64? {
        var number: UInt64 = 0
        for byte in text {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                number = number << 4 | UInt64(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"):
                number = number << 4 | UInt64(byte - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return number
    }
}

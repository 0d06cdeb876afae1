import Testing

@testable import Telemetry

/// `traceparent` as W3C Trace Context has it.
struct TraceContextTests {
    private static let header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    @Test func aHeaderIsRead() throws {
        let (context, isSampled) = try #require(TraceContext.parse(Self.header))
        #expect(context.traceID == "0af7651916cd43dd8448eb211c80319c")
        #expect(context.spanID == "b7ad6b7169203331")
        #expect(isSampled)
        #expect(context.traceparent == Self.header)
        let unsampled = try #require(TraceContext.parse("\(Self.header.dropLast(2))00"))
        #expect(!unsampled.isSampled)
        // Other flags say nothing about recording.
        let random = try #require(TraceContext.parse("\(Self.header.dropLast(2))02"))
        #expect(!random.isSampled)
        // A later version may say more.
        let later = try #require(
            TraceContext.parse("cc\(Self.header.dropFirst(2))-what-the-future-holds")
        )
        #expect(later.context == context && later.isSampled)
    }

    @Test(arguments: [
        "", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01more",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319-b7ad6b71692033311-01",
        "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",
        "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        " 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "é00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    ])
    func whatIsNotValidIsIgnored(header: String) {
        #expect(TraceContext.parse(header)?.context == nil)
    }

    @Test func itIsStoredInTwentyFourBytes() throws {
        let context = try #require(TraceContext.parse(Self.header)).context
        #expect(context.bytes.count == TraceContext.size)
        #expect(TraceContext(bytes: context.bytes) == context)
        #expect(TraceContext(bytes: Array(context.bytes.dropLast())) == nil)
        #expect(TraceContext(bytes: [UInt8](repeating: 0, count: 24)) == nil)
    }
}

import Foundation
import Testing

@testable import Telemetry

struct TracerTests {
    private static let asked = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    private static let unasked = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"

    /// The same numbers each time.
    private struct Seeded: RandomNumberGenerator {
        var state: UInt64 = 7

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 29
        }
    }

    private func span(_ name: String = "x", attributes: [(key: String, value: TraceSpan.Value)] = [])
        throws -> TraceSpan
    {
        let parent = try #require(TraceContext.parse(Self.asked)).context
        let now = ContinuousClock.now
        return TraceSpan(
            name,
            kind: .client,
            context: Tracer(sample: 0).child(of: parent),
            parent: parent,
            links: [parent],
            from: now - .milliseconds(5),
            to: now,
            attributes: attributes,
            failure: "throttled"
        )
    }

    @Test func aCallersDecisionIsFollowedWithinALimit() throws {
        let start = ContinuousClock.now
        let tracer = Tracer(sample: 0, now: start)
        var random = Seeded()
        let begun = tracer.begin(traceparent: Self.asked, now: start, using: &random)
        let first = try #require(begun)
        #expect(first.parent?.spanID == "b7ad6b7169203331")
        #expect(first.context.traceID == "0af7651916cd43dd8448eb211c80319c")
        #expect(first.context.spanID != "b7ad6b7169203331")
        var followed = 1
        for _ in 0..<1000 where tracer.begin(traceparent: Self.asked, now: start, using: &random) != nil {
            followed += 1
        }
        #expect(followed == Tracer.mostAsked)
        for _ in 0..<1000
        where tracer.begin(traceparent: Self.asked, now: start + .seconds(1), using: &random) != nil {
            followed += 1
        }
        #expect(followed == 2 * Tracer.mostAsked)
        // What a caller does not record is not recorded, however much is.
        let all = Tracer(sample: 1, now: start)
        let unasked = all.begin(traceparent: Self.unasked, now: start, using: &random)
        #expect(unasked?.context == nil)
        let invalid = all.begin(traceparent: "nonsense", now: start, using: &random)
        let own = try #require(invalid)
        #expect(own.parent == nil)
    }

    @Test func thePartIsSampled() {
        let tracer = Tracer(sample: 0.01)
        var random = Seeded()
        var recorded = 0
        for _ in 0..<100_000 where tracer.begin(traceparent: nil, using: &random) != nil {
            recorded += 1
        }
        #expect((800...1200).contains(recorded))
        let none = Tracer(sample: 0)
        for _ in 0..<1000 where none.begin(traceparent: nil, using: &random) != nil { recorded = -1 }
        #expect(recorded > 0)
    }

    @Test func whatFindsNoRoomIsDroppedAndCounted() throws {
        let tracer = Tracer(sample: 1)
        let span = try span()
        for _ in 0..<Tracer.room + 10 { tracer.record(span) }
        #expect(tracer.counts.dropped == 10)
        let taken = tracer.take(100)
        #expect(taken.count == 100)
        tracer.ended(taken.count, isExported: true)
        tracer.record(span)
        #expect(
            tracer.counts == .init(recorded: Tracer.room + 11, dropped: 10, exported: 100, failed: 0)
        )
        #expect(tracer.take(.max).count == Tracer.room - 99)
    }

    @Test func aDocumentIsWhatOTLPWants() throws {
        let document = OTLPDocument(
            [try span("a \"b\"\n", attributes: [("k", .text("v\u{1}")), ("n", .number(-7))])],
            resource: [("service.name", .text("sluice"))]
        )
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(document.bytes)) as? [String: Any]
        )
        let resource = try #require((json["resourceSpans"] as? [[String: Any]])?.first)
        let scope = try #require((resource["scopeSpans"] as? [[String: Any]])?.first)
        let found = try #require((scope["spans"] as? [[String: Any]])?.first)
        #expect(found["traceId"] as? String == "0af7651916cd43dd8448eb211c80319c")
        #expect(found["parentSpanId"] as? String == "b7ad6b7169203331")
        #expect(found["name"] as? String == "a \"b\"\n")
        #expect(found["kind"] as? Int == 3)
        let start = try #require((found["startTimeUnixNano"] as? String).flatMap { UInt64($0) })
        let end = try #require((found["endTimeUnixNano"] as? String).flatMap { UInt64($0) })
        #expect((4_900_000...5_100_000).contains(end - start))
        #expect(abs(Double(end) / 1e9 - Date().timeIntervalSince1970) < 60)
        let attributes = try #require(found["attributes"] as? [[String: Any]])
        #expect((attributes[0]["value"] as? [String: String]) == ["stringValue": "v\u{1}"])
        #expect((attributes[1]["value"] as? [String: String]) == ["intValue": "-7"])
        #expect((found["links"] as? [[String: String]])?.first?["spanId"] == "b7ad6b7169203331")
        #expect((found["status"] as? [String: Any])?["code"] as? Int == 2)
    }
}

import Foundation
import Testing

@testable import Mail

@Suite struct MessageIDTests {
    @Test func textAndBytesComeBack() throws {
        let text = "018f2c1e-7b3a-7abc-8def-0123456a0000"
        let id = try #require(MessageID(text))
        #expect(id.description == text)
        #expect(id.bytes == [0x01, 0x8f, 0x2c, 0x1e, 0x7b, 0x3a, 0x7a, 0xbc, 0x8d, 0xef, 0x01, 0x23, 0x45, 0x6a, 0, 0])
        #expect(MessageID(bytes: id.bytes) == id)
        #expect(MessageID(high: id.high, low: id.low) == id)
        #expect(id.milliseconds == 0x018f_2c1e_7b3a)
        // Foundation reads the same UUID.
        #expect(UUID(uuidString: text)?.uuidString.lowercased() == id.description)
        let json = try JSONEncoder().encode([id])
        #expect(String(decoding: json, as: UTF8.self) == "[\"\(text)\"]")
        #expect(try JSONDecoder().decode([MessageID].self, from: json) == [id])
    }

    @Test(arguments: [
        "", "018f2c1e-7b3a-7abc-8def-0123456a000", "018f2c1e-7b3a-7abc-8def-0123456a00000",
        "018F2C1E-7B3A-7ABC-8DEF-0123456A0000", "018f2c1e7b3a7abc8def0123456a0000",
        "{18f2c1e-7b3a-7abc-8def-0123456a0000",
        "018f2c1e-7b3a-4abc-8def-0123456a0000", "018f2c1e-7b3a-7abc-cdef-0123456a0000",
        "018f2c1e-7b3a-7abc-8def-0123456a0001", "018f2c1e-7b3a-7abc-8def-0123456g0000",
        "018f2c1e-7b3a-7abc-8def 0123456a0000", " 018f2c1e-7b3a-7abc-8def-0123456a0000",
        "018f2c1e-7b3a-7abc-8def-0123456a000é",
    ])
    func refuses(_ text: String) {
        #expect(MessageID(text) == nil)
    }

    @Test func outboxIDsLieAboveTheirMessage() throws {
        let id = try #require(MessageID("018f2c1e-7b3a-7abc-8def-0123456a0000"))
        let first = try #require(id.outbox(1))
        let last = try #require(id.outbox(65_535))
        #expect(first.description == "018f2c1e-7b3a-7abc-8def-0123456a0001")
        #expect(last.description == "018f2c1e-7b3a-7abc-8def-0123456affff")
        #expect(id.outbox(0) == nil)
        #expect(id.outbox(65_536) == nil)
        #expect(id.outbox(-1) == nil)
        #expect(first.message == id)
        #expect(last.message == id)
        #expect(last.number == 65_535)
        #expect(id.range == first...last)
        #expect(OutboxID(first.description) == first)
        #expect(OutboxID(bytes: last.bytes) == last)
        #expect(OutboxID(id.description) == nil)
        #expect(MessageID(first.description) == nil)
        #expect(first.milliseconds == id.milliseconds)
        let json = try JSONEncoder().encode([first])
        #expect(try JSONDecoder().decode([OutboxID].self, from: json) == [first])
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([MessageID].self, from: json) }
    }

    @Test func orderIsThatOfBytesAndText() {
        var random = SeededGenerator(seed: 1)
        var generator = MessageIDGenerator()
        let ids = (0..<500).map { _ in
            generator.next(milliseconds: Int64.random(in: 0...(1 << 48), using: &random), using: &random)
        }
        let shuffled = ids.shuffled(using: &random)
        #expect(shuffled.sorted() == shuffled.sorted { $0.description < $1.description })
        #expect(shuffled.sorted() == shuffled.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) })
    }

    @Test func earliestIsBelowEveryIDOfItsMillisecond() {
        var random = SeededGenerator(seed: 2)
        for _ in 0..<200 {
            var generator = MessageIDGenerator()
            let id = generator.next(milliseconds: 1_700_000_000_000, using: &random)
            #expect(MessageID.earliest(milliseconds: 1_700_000_000_000) <= id)
            #expect(MessageID.earliest(milliseconds: 1_700_000_000_001) > id)
            #expect(MessageID(id.description) == id)
        }
        #expect(MessageID.earliest(milliseconds: -5) == MessageID.earliest(milliseconds: 0))
    }
}

@Suite struct MessageIDGeneratorTests {
    @Test func growsWhateverTheClockDoes() {
        var random = SeededGenerator(seed: 3)
        var generator = MessageIDGenerator()
        var clock: Int64 = 1_700_000_000_000
        var previous = MessageID.earliest(milliseconds: 0)
        for _ in 0..<20_000 {
            clock += random.pick([0, 0, 0, 0, 1, 2, 50, -1, -40, -100_000])
            let id = generator.next(milliseconds: clock, using: &random)
            #expect(id > previous)
            #expect(id.low & 0xFFFF == 0)
            #expect(MessageID(high: id.high, low: id.low) == id)
            previous = id
        }
    }

    @Test func showsTheClockWhileItRuns() {
        var random = SeededGenerator(seed: 4)
        var generator = MessageIDGenerator()
        for clock in Int64(1_700_000_000_000)..<1_700_000_000_100 {
            #expect(generator.next(milliseconds: clock, using: &random).milliseconds == clock)
            #expect(generator.next(milliseconds: clock, using: &random).milliseconds == clock)
        }
    }

    @Test func borrowsFromTheNextMillisecond() {
        var random = SeededGenerator(seed: 5)
        var generator = MessageIDGenerator()
        let ids = (0..<10_000).map { _ in generator.next(milliseconds: 1_000, using: &random) }
        #expect(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 })
        #expect(ids[2_000].milliseconds == 1_000)
        let last = ids[9_999].milliseconds
        #expect((1_002...1_005).contains(last))
    }

    @Test func survivesClocksThatAreOff() {
        var random = SeededGenerator(seed: 6)
        var generator = MessageIDGenerator()
        #expect(generator.next(milliseconds: .min, using: &random).milliseconds == 0)
        #expect(generator.next(milliseconds: .max, using: &random).milliseconds == (1 << 48) - 1)
        for _ in 0..<10_000 { _ = generator.next(milliseconds: .max, using: &random) }
    }
}

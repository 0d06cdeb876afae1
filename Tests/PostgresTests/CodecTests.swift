import Foundation
import Testing

@testable import Postgres

/// The bytes themselves, as `COPY ... BINARY` of a server shows them.
@Suite struct CodecTests {
    private func bytes(_ value: some PostgresEncodable) throws -> [UInt8] {
        var buffer: [UInt8] = []
        try value.encode(into: &buffer)
        return buffer
    }

    private func decode<Value: PostgresDecodable>(_ bytes: [UInt8], _ type: PostgresOID) throws -> Value {
        try Value(postgres: bytes, type: type)
    }

    @Test func scalars() throws {
        #expect(try bytes(true) == [1])
        #expect(try bytes(Int16(-2)) == [0xff, 0xfe])
        #expect(try bytes(Int32(258)) == [0, 0, 1, 2])
        #expect(try bytes(-1) == [255, 255, 255, 255, 255, 255, 255, 255])
        #expect(try bytes(1.5) == [0x3f, 0xf8, 0, 0, 0, 0, 0, 0])
        #expect(try bytes("é") == [0xc3, 0xa9])
        #expect(try bytes([UInt8]([1, 2])) == [1, 2])
        #expect(try bytes(JSONText("{}")) == [0x7b, 0x7d])
        #expect(try bytes(JSONBText("{}")) == [1, 0x7b, 0x7d])
        #expect(
            try bytes(PostgresUUID(high: 0x0011_2233_4455_6677, low: 0x8899_aabb_ccdd_eeff))
                == [0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff]
        )
        let uuid = try #require(UUID(uuidString: "00112233-4455-6677-8899-aabbccddeeff"))
        #expect(try bytes(uuid) == (0...15).map { UInt8($0 * 0x11) })
        let back: UUID = try decode((0...15).map { UInt8($0 * 0x11) }, .uuid)
        #expect(back == uuid)
    }

    @Test func times() throws {
        #expect(try bytes(Date(timeIntervalSince1970: 946_684_800)) == [0, 0, 0, 0, 0, 0, 0, 0])
        #expect(try bytes(Date(timeIntervalSince1970: 946_684_800.000001)) == [0, 0, 0, 0, 0, 0, 0, 1])
        #expect(try bytes(Date(timeIntervalSince1970: 946_684_799)) == [255, 255, 255, 255, 255, 0xf0, 0xbd, 0xc0])
        #expect(try bytes(Duration.milliseconds(1)) == [0, 0, 0, 0, 0, 0, 3, 0xe8, 0, 0, 0, 0, 0, 0, 0, 0])
        let day: Duration = try decode([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0], .interval)
        #expect(day == .seconds(86_400))
        // Every microsecond of a second of our time comes back as it was.
        for microsecond in stride(from: 0, to: 1_000_000, by: 997) {
            let date: Date = try decode(try bytes(Int64(833_000_000_000_000 + microsecond)), .timestamptz)
            #expect(try bytes(date) == bytes(Int64(833_000_000_000_000 + microsecond)))
        }
    }

    @Test func arrays() throws {
        #expect(try bytes([Int32]()) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 23])
        let two: [Int32?] = [7, nil]
        let golden: [UInt8] = [
            0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 23, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 7, 255, 255, 255, 255,
        ]
        #expect(try bytes(two) == golden)
        let back: [Int32?] = try decode(golden, .int4Array)
        #expect(back == two)
        // int4[] widens as int4 does.
        let wide: [Int?] = try decode(golden, .int4Array)
        #expect(wide == [7, nil])
        #expect([[UInt8]].postgresType == .byteaArray)
        #expect([UInt8].postgresType == .bytea)
    }

    @Test(arguments: [0, 1, 11, 12, 19, 20, 23, 27, 31])
    func cutOffArraysAreRefused(length: Int) {
        let whole: [UInt8] = [
            0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 23, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 7, 255, 255, 255, 255,
        ]
        #expect(throws: PostgresError.self) {
            let _: [Int32?] = try decode(Array(whole.prefix(length)), .int4Array)
        }
    }

    @Test func lengthsThatLieAreRefused() {
        var lying: [UInt8] = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 23, 0x7f, 255, 255, 255, 0, 0, 0, 1]
        #expect(throws: PostgresError.self) {
            let _: [Int32] = try decode(lying, .int4Array)
        }
        lying[12...15] = [0, 0, 0, 1]
        lying += [0x7f, 255, 255, 255, 0]
        #expect(throws: PostgresError.self) {
            let _: [Int32] = try decode(lying, .int4Array)
        }
    }

    @Test func otherTypesAreRefused() {
        #expect(throws: PostgresError.self) { let _: Int32 = try decode([0, 0, 0, 0, 0, 0, 0, 1], .int8) }
        #expect(throws: PostgresError.self) { let _: String = try decode([1], .bytea) }
        #expect(throws: PostgresError.self) { let _: [UInt8] = try decode([1], .text) }
        #expect(throws: PostgresError.self) { let _: Bool = try decode([1], .int2) }
        #expect(throws: PostgresError.self) { let _: String = try decode([0xff], .text) }
        #expect(throws: PostgresError.self) { let _: JSONBText = try decode([2, 0x7b, 0x7d], .jsonb) }
        #expect(throws: PostgresError.self) { let _: Int = try decode([1, 2], .int8) }
    }
}

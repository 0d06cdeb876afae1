import Foundation
import Postgres
import Testing

/// Values go to the server and come back, through its own text form where that says more.
@Suite(.timeLimit(.minutes(5)))
struct RoundTripTests {
    private func echo<Value: PostgresCodable & Equatable>(
        _ value: Value,
        _ connection: PostgresConnection,
        location: SourceLocation = #_sourceLocation
    ) async throws {
        let rows = try await connection.query("SELECT \(value), \(Value?.none), \([value, value]), \([Value]())")
        let (one, null, two, none) = try rows[0].decode(Value.self, Value?.self, [Value].self, [Value].self)
        #expect(one == value, sourceLocation: location)
        #expect(null == nil, sourceLocation: location)
        #expect(two == [value, value], sourceLocation: location)
        #expect(none.isEmpty, sourceLocation: location)
        let gaps: [Value?] = [nil, value, nil]
        let row = try await connection.query("SELECT \(gaps)")[0]
        #expect(try row.decode([Value?].self) == gaps, sourceLocation: location)
        #expect(throws: PostgresError.self, sourceLocation: location) { try row.decode([Value].self) }
    }

    @Test func everyTypeReturnsAsItWas() async throws {
        try await withConnection { connection in
            for value in [true, false] { try await echo(value, connection) }
            for value in [Int16.min, -1, 0, .max] { try await echo(value, connection) }
            for value in [Int32.min, -1, 0, .max] { try await echo(value, connection) }
            for value in [Int64.min, -1, 0, .max] { try await echo(value, connection) }
            for value in [Int.min, -1, 0, .max] { try await echo(value, connection) }
            for value in [0, -0.5, .infinity, .leastNonzeroMagnitude, .greatestFiniteMagnitude] {
                try await echo(value, connection)
            }
            for value in ["", "a", "žluťoučký 🐎", "'; DROP TABLE t; --", "\u{1}\n\t\\"] {
                try await echo(value, connection)
            }
            for value in [[], [0], [0, 255, 92, 39]] as [[UInt8]] { try await echo(value, connection) }
            try await echo(PostgresUUID(high: 0x0123_4567_89ab_cdef, low: .max), connection)
            try await echo(UUID(), connection)
            try await echo(JSONText(#"{"b":1,  "a":[null]}"#), connection)
            try await echo(JSONBText(#"{"a": [null], "b": 1}"#), connection)
            for value in [Duration.zero, .microseconds(-1), .seconds(86_400 * 40)] { try await echo(value, connection) }
            for value in [
                Date(timeIntervalSince1970: 0), Date(timeIntervalSince1970: 1_780_000_000.123456), .distantPast,
            ] {
                try await echo(value, connection)
            }
        }
    }

    @Test func theServerUnderstandsWhatWasSent() async throws {
        try await withConnection { connection in
            func check(_ sql: SQL, _ expected: String, location: SourceLocation = #_sourceLocation) async throws {
                let text = try await connection.query("SELECT (" + sql + ")::text")[0].decode(String.self)
                #expect(text == expected, sourceLocation: location)
            }
            let uuid = "018f0000-1111-7222-8333-444455556666"
            try await check("\(Int16(-2))", "-2")
            try await check("\(Double.nan)", "NaN")
            try await check("\(UUID(uuidString: uuid))", uuid)
            try await check("\(Date(timeIntervalSince1970: 1.25))", "1970-01-01 00:00:01.25+00")
            try await check("\(Duration.seconds(90))", "00:01:30")
            try await check("\(["a", nil, "b,\"c"])", #"{a,NULL,"b,\"c"}"#)
            try await check("\([[1, 2], [UInt8]()])", #"{"\\x0102","\\x"}"#)
            try await check(#"\#(JSONBText("{\"b\":2,\"a\":1}"))"#, #"{"a": 1, "b": 2}"#)
            try await check("\(Int?.none)::text IS NULL", "true")
        }
    }

    @Test func narrowerColumnsWidenAndOthersAreRefusedByName() async throws {
        try await withConnection { connection in
            let row = try await connection.query(
                "SELECT 7::int2 AS a, 8::int4 AS b, 1.5::float4 AS c, 'x'::varchar AS d"
            )[0]
            let (a, b, c, d) = try row.decode(Int.self, Int64.self, Double.self, String.self)
            #expect((a, b, c, d) == (7, 8, 1.5, "x"))
            let named = try row["b", as: Int32?.self]
            #expect(named == 8)
            let narrow = #expect(throws: PostgresError.self) { try row["b", as: Int16.self] }
            #expect(narrow?.code == .decoding)
            #expect(narrow?.column == "b")
            #expect(narrow?.description.contains("column b") == true)
            let wrong = #expect(throws: PostgresError.self) {
                try row.decode(Int.self, String.self, Double.self, String.self)
            }
            #expect(wrong?.column == "b")
            #expect(throws: PostgresError.self) { try row.decode(Int.self) }
            #expect(throws: PostgresError.self) { try row["nothing", as: Int.self] }
            let null = try await connection.query("SELECT NULL::int8 AS n")[0]
            let error = #expect(throws: PostgresError.self) { try null.decode(Int.self) }
            #expect(error?.column == "n")
            let nested = try await connection.query("SELECT ARRAY[[1,2],[3,4]] AS n")[0]
            #expect(throws: PostgresError.self) { try nested.decode([Int].self) }
        }
    }

    @Test func timesThatAreNotFiniteAreRefused() async throws {
        try await withConnection { connection in
            for seconds in [Double.infinity, -.infinity, .nan, 1e300] {
                let date = Date(timeIntervalSinceReferenceDate: seconds)
                let error = await #expect(throws: PostgresError.self) { try await connection.query("SELECT \(date)") }
                #expect(error?.code == .encoding)
            }
            let row = try await connection.query("SELECT 'infinity'::timestamptz AS t")[0]
            let error = #expect(throws: PostgresError.self) { try row.decode(Date.self) }
            #expect(error?.code == .decoding)
            #expect(error?.column == "t")
            let months = try await connection.query("SELECT '1 month'::interval")[0]
            #expect(throws: PostgresError.self) { try months.decode(Duration.self) }
        }
    }

    @Test func tenMegabytesGoAndCome() async throws {
        try await withConnection { connection in
            var bytes = [UInt8](repeating: 0, count: 10 << 20)
            for index in bytes.indices { bytes[index] = UInt8(truncatingIfNeeded: index &* 31 &+ index >> 8) }
            let text = String(repeating: "ěšč 0123456789 ", count: 700_000)
            let row = try await connection.query("SELECT \(bytes), \(text), length(\(bytes)), length(\(text))")[0]
            let (bytesBack, textBack, byteCount, characters) = try row.decode(
                [UInt8].self,
                String.self,
                Int.self,
                Int.self
            )
            #expect(bytesBack == bytes)
            #expect(textBack == text)
            #expect(byteCount == bytes.count)
            #expect(characters == text.unicodeScalars.count)
        }
    }

    @Test func enumColumnsReadAsText() async throws {
        try await withConnection { connection in
            let database = try await TestServer.shared.newDatabase("enums")
            let other = try await PostgresConnection.connect(database)
            try await other.execute("CREATE TYPE mood AS ENUM ('calm', 'odd')")
            let row = try await other.query("SELECT 'odd'::mood, \("calm")::mood = 'calm'")[0]
            let (mood, same) = try row.decode(String.self, Bool.self)
            #expect(mood == "odd")
            #expect(same)
            await other.close()
            #expect(connection.isOpen)
        }
    }
}

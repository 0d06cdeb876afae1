import Foundation
import Testing

@testable import Postgres

@Suite struct SQLTests {
    @Test func valuesBecomeNumberedParameters() {
        let sql: SQL = "SELECT * FROM t WHERE a = \(1) AND b = \("x'; --") AND c = \(Int?.none)"
        #expect(sql.text == "SELECT * FROM t WHERE a = $1 AND b = $2 AND c = $3")
        #expect(sql.bindCount == 3)
        #expect(sql.binds.map(\.type) == [.int8, .text, .int8])
        #expect(sql.binds.map(\.length) == [8, 6, -1])
        #expect(sql.bytes == [0, 0, 0, 0, 0, 0, 0, 1] + Array("x'; --".utf8))
    }

    @Test func partsAreRenumbered() {
        let condition: SQL = "a = \(1) AND b = \(2)"
        var sql: SQL = "SELECT \(0) WHERE \(condition)"
        #expect(sql.text == "SELECT $1 WHERE a = $2 AND b = $3")
        sql += " OR c = \("x")" + SQL(raw: " LIMIT 1")
        #expect(sql.text == "SELECT $1 WHERE a = $2 AND b = $3 OR c = $4 LIMIT 1")
        #expect(sql.binds.map(\.offset) == [0, 8, 16, 24])
        #expect(sql.bytes.count == 25)
        #expect(SQL().text == "")
    }

    @Test func onlyRawTextBecomesText() {
        #expect(("SELECT \(raw: "now()")" as SQL).text == "SELECT now()")
        #expect((#"SELECT 1 FROM \#(identifier: #"we"ird"#)"# as SQL).text == #"SELECT 1 FROM "we""ird""#)
        #expect(("SELECT '$1' || \("x")" as SQL).text == "SELECT '$1' || $1")
    }

    @Test func descriptionsShowNoValues() {
        let sql: SQL = "SELECT \("anna@example.org")"
        #expect("\(sql)" == "SELECT $1")
        #expect(String(reflecting: sql) == "SELECT $1")
    }

    @Test func aValueThatCannotBeSentIsRememberedWithItsPlace() {
        let sql: SQL = "SELECT \(1), \(Date(timeIntervalSinceReferenceDate: .nan)), \(2)"
        #expect(sql.failure?.code == .encoding)
        #expect(sql.failure?.message.contains("$2") == true)
        #expect((sql + "").failure != nil)
    }

    @Test func theSameTextWithOtherTypesIsAnotherStatement() {
        let integer = StatementCache.Key("SELECT \(1)")
        #expect(integer == StatementCache.Key("SELECT \(2)"))
        #expect(integer != StatementCache.Key("SELECT \("1")"))
    }
}

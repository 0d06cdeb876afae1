import Capacity
import Coding
import Foundation
import Testing

@testable import Directory

@Suite("Changes of one share")
struct ShareChangeTests {
    static func change(_ json: String) throws -> ShareChange {
        try JSONDecoder().decode(ShareChange.self, from: Data(json.utf8))
    }

    @Test("A missing ceiling, null and a number are three things")
    func ceilings() throws {
        #expect(try Self.change("{}") == ShareChange())
        #expect(try Self.change(#"{"ceiling": null}"#).ceiling == .parent)
        #expect(try Self.change(#"{"ceiling": 20}"#).ceiling == .credits(20))
        #expect(
            try Self.change(#"{"rate": 5.0, "weight": 3, "lend": false}"#)
                == ShareChange(rate: 5, weight: 3, lend: false)
        )
    }

    @Test(
        "What is no change is named with its place",
        arguments: [
            (#"{"rate": 0.5}"#, "/rate", "whole number"), (#"{"rate": "5"}"#, "/rate", "whole number"),
            (#"{"rate": null}"#, "/rate", "null"), (#"{"rat": 5}"#, "/rat", "unknown member"),
            (#"{"ceiling": 1.5}"#, "/ceiling", "whole number"), (#"{"lend": 1}"#, "/lend", "true or false"),
            (#"{"weight": 1e99}"#, "/weight", "whole number"), ("[]", "", ""),
        ]
    )
    func refused(json: String, pointer: String, detail: String) throws {
        let error = #expect(throws: DecodingError.self) { try Self.change(json) }
        let fault = DecodingFault(try #require(error))
        #expect(fault.pointer == pointer)
        #expect(detail.isEmpty || fault.detail.contains(detail), "\(fault)")
    }

    @Test("A weight that is the old rate follows the rate, and so does the ceiling of a fixed share")
    func defaults() {
        let fixed = ShareChange(rate: 12).applied(to: Share(name: "a", rate: 10))
        #expect(fixed == Share(name: "a", rate: 12))
        let weighted = ShareChange(rate: 12).applied(to: Share(name: "a", rate: 10, ceiling: .credits(20), weight: 3))
        #expect(weighted == Share(name: "a", rate: 12, ceiling: .credits(20), weight: 3))
        let borrower = ShareChange(rate: 4).applied(to: Share(name: "a", rate: 0, ceiling: .parent))
        #expect(borrower.weight == 4)
        #expect(ShareChange(rate: 4, weight: 9).applied(to: Share(name: "a", rate: 2)).weight == 9)
        #expect(ShareChange(rate: 9, ceiling: .credits(9)).applied(to: Share(name: "a", rate: 2)).ceiling == .rate)
        #expect(ShareChange().applied(to: weighted) == weighted)
    }

    @Test("Unknown paths are refused, nested ones found")
    func paths() throws {
        let account = Account(
            try PlanTests.document().accounts[0],
            id: 1,
            version: 1,
            shareIDs: ["", "AT", "UK", "UK/apa", "other"]
        )
        let nested = try AccountEdit.patch("UK/apa", ShareChange(lend: false), of: account)
        #expect(nested.shares[1].children[0].lend == false)
        for path in ["", "FR", "UK/FR", "UK/apa/x", "/UK", "UK/", "UK//apa"] {
            let error = #expect(throws: DirectoryError.self) {
                try AccountEdit.patch(path, ShareChange(rate: 1), of: account)
            }
            #expect(error?.code == .notFound)
            #expect(error?.message.contains("'\(path)'") == true)
        }
    }

    @Test("Versions")
    func versions() throws {
        let account = Account(try PlanTests.document().accounts[0], id: 1, version: 7, shareIDs: [""])
        try VersionCondition.any.check(account)
        try VersionCondition.oneOf([5, 7]).check(account)
        for wrong: Set<Int64> in [[], [6], [8]] {
            let error = #expect(throws: DirectoryError.self) { try VersionCondition.oneOf(wrong).check(account) }
            #expect(error?.code == .staleVersion)
            #expect(error?.message.contains("version 7") == true)
        }
    }
}

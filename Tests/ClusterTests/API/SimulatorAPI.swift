import Foundation
import Outbound

/// The simulator's own routes.
struct SimulatorAPI: Sendable {
    /// `GET /_simulator/summary`.
    struct Summary: Decodable, Sendable {
        let accepted: Int
        let throttled: Int
        let duplicates: Int
        let maxInOneSecond: Int

        private enum CodingKeys: String, CodingKey {
            case accepted, throttled, duplicates
            case maxInOneSecond = "max_in_one_second"
        }
    }

    /// An element of `GET /_simulator/messages`.
    struct Message: Decodable, Sendable {
        let tags: [String: String]
        let raw: String?
        let simple: Simple?

        /// SES's `Content.Simple`, as far as it is looked at.
        struct Simple: Decodable, Sendable {
            struct Header: Decodable, Sendable {
                let name: String
                let value: String

                private enum CodingKeys: String, CodingKey {
                    case name = "Name"
                    case value = "Value"
                }
            }

            let headers: [Header]?

            private enum CodingKeys: String, CodingKey {
                case headers = "Headers"
            }
        }

        /// The id that our tag gives.
        func messageID(tag: String) -> String? { tags[tag].flatMap(LedgerLine.messageID) }
    }

    private struct Messages: Decodable {
        let data: [Message]
    }

    let url: String

    func summary() async throws -> Summary {
        try await LocalHTTP.get(url + "/_simulator/summary", as: Summary.self)
    }

    func ledger() async throws -> [LedgerLine] {
        let answer = try await LocalHTTP.send(.get, url + "/_simulator/ledger")
        return try answer.body.split(separator: UInt8(ascii: "\n")).map {
            try JSONDecoder().decode(LedgerLine.self, from: Data($0))
        }
    }

    /// The last `limit` messages that were accepted.
    func messages(limit: Int) async throws -> [Message] {
        try await LocalHTTP.get(url + "/_simulator/messages?limit=\(limit)", as: Messages.self).data
    }

    /// Puts faults in force; a YAML flow list of rules.
    func setFaults(_ rules: String) async throws {
        let body = Array("faults: [\(rules)]".utf8)
        let answer = try await LocalHTTP.send(.put, url + "/_simulator/faults", body: body)
        guard answer.status == 200 else {
            throw TestFailure("the faults were refused: \(String(decoding: answer.body, as: UTF8.self))")
        }
    }

    func endFaults() async throws {
        _ = try await LocalHTTP.send(.delete, url + "/_simulator/faults")
    }
}

import Coding
import FoundationEssentials

/// A JSON text in the making (RFC 8259); members keep their order.
indirect enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case number(Int)
    /// Written without a fraction where it has none; null for what JSON has no number for.
    case decimal(Double)
    case string(String)
    case array([JSONValue])
    case object([(String, JSONValue)])
    /// JSON text that goes in as it is.
    case verbatim(String)

    /// The text, without white space.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return bytes
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    static func number(_ value: Int64) -> JSONValue { .number(Int(value)) }
    static func number(_ value: Int?) -> JSONValue { value.map(JSONValue.number) ?? .null }
    static func time(_ date: Date?) -> JSONValue { date.map { .string(RFC3339.text($0)) } ?? .null }
    static func string(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }

    private func append(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes += "null".utf8
        case .bool(let value): bytes += (value ? "true" : "false").utf8
        case .number(let value): bytes += String(value).utf8
        case .decimal(let value): bytes += Self.text(value).utf8
        case .string(let text): bytes.appendJSON(text)
        case .verbatim(let text): bytes += text.utf8
        case .array(let values):
            bytes.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                value.append(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, (name, value)) in members.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                bytes.appendJSON(name)
                bytes.append(UInt8(ascii: ":"))
                value.append(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func text(_ value: Double) -> String {
        guard value.isFinite else { return "null" }
        return Int64(exactly: value).map { String($0) } ?? String(value)
    }
}

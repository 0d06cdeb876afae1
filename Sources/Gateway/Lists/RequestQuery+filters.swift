import FoundationEssentials
import Mail
import Outbox

/// The filters of lists. What cannot be meant is refused with its name.
extension RequestQuery {
    private static let longestName = 64
    private static let longestTag = 256

    /// A point in time; of a day alone, its beginning (UTC).
    func time(_ name: String) throws -> Date? {
        guard let text = self[name] else { return nil }
        guard let time = RFC3339.date(text) ?? Self.startOfDay(text) else {
            throw Problem(
                .invalidQuery,
                "\(name) must be a time such as 2026-02-03T04:05:06Z, or a day such as 2026-02-03"
            )
        }
        return time
    }

    /// A day as it was written, such as `2026-02-03`.
    func day(_ name: String) throws -> String? {
        guard let text = self[name] else { return nil }
        // Year 0 is none of PostgreSQL's.
        guard let start = Self.startOfDay(text), start.timeIntervalSince1970 >= 0 else {
            throw Problem(.invalidQuery, "\(name) must be a day since 1970, such as 2026-02-03")
        }
        return text
    }

    /// `created_after` and `created_before`, in this order.
    func created() throws -> (after: Date?, before: Date?) {
        let (after, before) = (try time("created_after"), try time("created_before"))
        if let after, let before, after > before {
            throw Problem(.invalidQuery, "created_after is later than created_before")
        }
        return (after, before)
    }

    func status() throws -> MessageStatus? {
        guard let text = self["status"] else { return nil }
        guard let status = MessageStatus(rawValue: text) else { throw Self.unknownStatus([]) }
        return status
    }

    /// The same of a message, whose recipients may differ.
    func messageStatus() throws -> MessageFilter.Status? {
        guard let text = self["status"] else { return nil }
        if text == "mixed" { return .mixed }
        guard let status = MessageStatus(rawValue: text) else { throw Self.unknownStatus(["mixed"]) }
        return .all(status)
    }

    func region() throws -> String? {
        guard let text = self["region"] else { return nil }
        guard (1...Self.longestName).contains(text.utf8.count), text.utf8.allSatisfy(Self.isInName) else {
            throw Problem(.invalidQuery, "region must be 1 to \(Self.longestName) letters, digits, '-', '_' or '.'")
        }
        return text
    }

    /// The address of a recipient, in lower case.
    func recipient() throws -> String? { try self["to"].map { try Self.address($0, "to") } }

    func sender() throws -> MessageFilter.Sender? {
        guard let text = self["from"] else { return nil }
        if text.contains("@") { return .address(try Self.address(text, "from")) }
        return .domain(try Self.domain(text, "from"))
    }

    /// In lower case and Punycode.
    func domain() throws -> String? { try self["domain"].map { try Self.domain($0, "domain") } }

    /// `NAME` or `NAME:VALUE`.
    func tag() throws -> MessageFilter.Tag? {
        guard let text = self["tag"] else { return nil }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let isValid = parts.allSatisfy { part in
            (1...Self.longestTag).contains(part.utf8.count) && !part.utf8.contains(UInt8(ascii: "."))
                && part.utf8.allSatisfy(Self.isInName)
        }
        guard isValid, let name = parts.first else {
            throw Problem(
                .invalidQuery,
                "tag must be NAME or NAME:VALUE, each 1 to \(Self.longestTag) letters, digits, '-' or '_'"
            )
        }
        return MessageFilter.Tag(name: name, value: parts.dropFirst().first)
    }

    private static func startOfDay(_ text: String) -> Date? {
        text.utf8.count == 10 ? RFC3339.date(text + "T00:00:00Z") : nil
    }

    private static func address(_ text: String, _ name: String) throws -> String {
        do throws(AddressError) {
            return try EmailAddress(parsing: text).matchKey
        } catch {
            throw Problem(.invalidQuery, "\(name): \(error.message)")
        }
    }

    private static func domain(_ text: String, _ name: String) throws -> String {
        do throws(AddressError) {
            return try DomainName(parsing: text).ascii
        } catch {
            throw Problem(.invalidQuery, "\(name): \(error.message)")
        }
    }

    private static func unknownStatus(_ others: [String]) -> Problem {
        let known = MessageStatus.allCases.map(\.rawValue) + others
        return Problem(.invalidQuery, "status is not known; known are \(known.joined(separator: ", "))")
    }

    private static func isInName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}

@testable import Mail
@testable import Simulator

/// Messages that tenants compose themselves (`raw`).
enum RawMessageProperties {
    static func check(_ input: [UInt8]) {
        let message: RawMessage
        do {
            message = try RawMessage(parsing: input)
        } catch {
            require(!error.reasons.isEmpty, "refused without a reason")
            require(error.reasons.count <= 200, "\(error.reasons.count) reasons")
            require(error.description.utf8.count < 40_000, "reasons of \(error.description.utf8.count) bytes")
            return
        }
        require(message.bytes.count <= input.count, "the message has grown")
        require(!message.bytes.contains(0), "the message holds NUL")
        let again = unwrap(try? RawMessage(parsing: message.bytes), "what is sent would be refused")
        require(again == message, "what is sent is another message when it is read again")
        require(!message.from.isEmpty, "there is no sender")
        for address in message.from + [message.sender, message.returnPath].compactMap({ $0 }) {
            AddressProperties.check(address)
        }
        if let subject = message.subject {
            require(subject.unicodeScalars.count <= 2000, "a subject of \(subject.unicodeScalars.count) characters")
            require(!subject.unicodeScalars.contains(where: HeaderRules.isForbidden), "a control character")
        }
        checkHeader(message)
        checkUnsubscribe(message)
    }

    /// The fields that are put before it are all that changes.
    private static func checkUnsubscribe(_ message: RawMessage) {
        let url = "https://send.example/unsubscribe/token"
        guard case .raw(let bytes) = ListUnsubscribe(url: url).added(to: .raw(message.bytes)) else {
            fatalError("a raw message has become another kind")
        }
        guard bytes != message.bytes else { return }
        let changed = unwrap(try? RawMessage(parsing: bytes), "with List-Unsubscribe it would be refused")
        require(changed.bytes == bytes && changed.from == message.from, "with List-Unsubscribe it is another message")
        require(changed.subject == message.subject, "with List-Unsubscribe it has another subject")
        let names = HeaderSection(message.bytes).fields.map(\.key)
        let expected = ["list-unsubscribe", "list-unsubscribe-post"] + names
        require(HeaderSection(bytes).fields.map(\.key) == expected, "with List-Unsubscribe it has other fields")
    }

    /// Another reader sees the same fields, and none that must not be there.
    private static func checkHeader(_ message: RawMessage) {
        let lines = headerLines(message.bytes)
        let names = lines.filter { $0.first != 0x20 && $0.first != 0x09 }.map { line in
            String(decoding: line.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self).lowercased()
        }
        let isPlain = lines.joined().allSatisfy { $0 == 0x09 || (0x20..<0x7F).contains($0) }
        require(isPlain, "a bare CR, or other than ASCII, in the header")
        require(names.count { $0 == "from" } == 1, "there is not one From field")
        require(!names.contains("bcc") && !names.contains("resent-bcc"), "a Bcc field is left")
        require(!names.contains { $0.hasPrefix("x-ses-") }, "a field that steers SES")
        let section = HeaderSection(message.bytes)
        require(section.fields.map(\.key) == names, "the fields are other ones for a reader of lines")
        let simulated = RawHeaders(message.bytes).fields.map { $0.name.lowercased() }
        require(simulated == names, "the fields are other ones for the simulator: \(simulated), \(names)")
    }

    private static func headerLines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            let content = line.last == 0x0D && line.endIndex < bytes.endIndex ? line.dropLast() : line
            if content.isEmpty { break }
            lines.append(content)
        }
        return lines
    }
}

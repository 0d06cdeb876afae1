import Foundation
import HTTPTypes

@testable import AWS
@testable import Directory
@testable import Feedback
@testable import Gateway
@testable import Mail
@testable import Outbox
@testable import Webhooks

/// The small words of requests and configurations: ids and cursors, times, paths, URLs, media types, Base64.
enum WordProperties {
    static func check(_ input: [UInt8]) {
        let text = input.text
        checkIDs(text)
        checkTimes(text)
        checkURLs(text)
        checkBase64(text)
        checkTokens(text)
        if let path = PathText.decode(text) {
            require(!path.unicodeScalars.contains { $0.value < 0x20 }, "a control character in a path")
        }
        checkContentType(text)
        checkDocuments(input)
        if let name = HTTPField.Name("Idempotency-Key") {
            var fields = HTTPFields()
            fields[name] = text
            if let key = try? IdempotencyKeyHeader.read(fields) {
                require((1...256).contains(key.utf8.count) && key.isPrintableASCII, "the key \(key.debugDescription)")
            }
        }
    }

    private static func checkIDs(_ text: String) {
        if let id = MessageID(text) {
            require(id.description.isSame(as: text), "\(text) is \(id)")
            require(MessageID(bytes: id.bytes) == id && OutboxID(text) == nil, "\(id) is two things")
        }
        if let id = OutboxID(text) {
            require(id.description.isSame(as: text), "\(text) is \(id)")
            require(id.message.outbox(id.number) == id, "\(id) is no row of its message")
        }
        if let id = EntryID(text: text) { require(id.text.isSame(as: text), "\(text) is \(id.text)") }
    }

    private static func checkTimes(_ text: String) {
        let ours = RFC3339.date(text)
        if let ours {
            let written = RFC3339.text(ours)
            let again = unwrap(RFC3339.date(written), "\(written) is no time")
            require(abs(again.timeIntervalSince(ours)) <= 0.001, "\(text) is \(written)")
            // Later, a floating-point number has no exact milliseconds.
            let isExact = again < Date(timeIntervalSince1970: 8_000_000_000)
            require(!isExact || RFC3339.text(again).isSame(as: written), "\(written) is not stable")
        }
        if let milliseconds = SESTimestamp.milliseconds(text), let ours {
            require(abs(ours.timeIntervalSince1970 - Double(milliseconds) / 1000) <= 0.0011, "\(text) is two times")
        }
        if let pause = RetryAfter.pause(text, now: Date(timeIntervalSince1970: 1_800_000_000)) {
            require(pause >= .zero && pause <= .seconds(1_000_000_000), "a pause of \(pause)")
        }
    }

    private static func checkURLs(_ text: String) {
        _ = QueueURL(text)
        guard let url = try? Webhooks.EndpointURL.check(text, allowsHTTP: true) else { return }
        require(url.isPrintableASCII && url.utf8.count <= 2049, "the URL \(url)")
        require(
            (try? Webhooks.EndpointURL.check(url, allowsHTTP: true)) == url || url.utf8.count > 2048,
            "\(url) is not stable"
        )
        require(
            (try? Webhooks.EndpointURL.check(text, allowsHTTP: false)) == nil || url.hasPrefix("https://"),
            "not HTTPS"
        )
        // Whoever takes the URL apart finds the host that was checked.
        guard let components = URLComponents(string: url) else { return }
        let rest = url.drop { $0 != "/" }.dropFirst(2)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let host = components.host ?? ""
        require(components.user == nil && authority.hasPrefix(host), "\(url) leads to \(host)")
        require(components.fragment == nil, "\(url) has a fragment")
    }

    private static func checkBase64(_ text: String) {
        guard let bytes = Base64Text.decode(text) else { return }
        let plain = String(decoding: text.utf8.filter { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }, as: UTF8.self)
        require(bytes.count <= plain.utf8.count, "Base64 has grown")
        let again = Data(bytes).base64EncodedString()
        // The last digit may hold bits that say nothing.
        require(again.dropLast(4) == plain.dropLast(4) && again.count == plain.count, "\(plain) is \(again)")
    }

    private static let key = UnsubscribeKey(Array(0..<32))

    /// Tokens of links to unsubscribe, which anybody may send.
    private static func checkTokens(_ text: String) {
        require(key.unsubscription(of: text) == nil, "a token that nobody made")
        if let bytes = Base64URL.decode(text) {
            require(Base64URL.encode(bytes).isSame(as: text), "\(text) is \(Base64URL.encode(bytes))")
        }
        guard let address = try? EmailAddress(parsing: text), let copy = MessageID.earliest(milliseconds: 1).outbox(1)
        else {
            return
        }
        let unsubscription = Unsubscription(tenantID: -1, copy: copy, email: address.addrSpec)
        let token = key.token(of: unsubscription)
        require(key.unsubscription(of: token) == unsubscription, "\(token) says something else")
        require(key.unsubscription(of: token.dropLast()) == nil, "a token that was cut")
        require(
            key.unsubscription(of: "A" + token.dropFirst()) == nil || token.hasPrefix("A"),
            "a token that was changed"
        )
    }

    private static func checkContentType(_ text: String) {
        guard let type = ContentType(parsing: text) else { return }
        var writer = HeaderWriter()
        writer.begin("Content-Type")
        writer.piece(type.mediaType.utf8)
        for (name, value) in type.parameters { writer.parameter(name, value) }
        writer.end()
        let lines = writer.bytes.text.components("\r\n")
        require(lines.last?.isEmpty == true && lines.dropLast().allSatisfy { $0.isPrintableASCII }, "a broken header")
        require(lines.allSatisfy { $0.utf8.count <= 998 }, "a long header line")
        let parameters = MIMEParameters(lines.joined().dropFirst("Content-Type:".count).description)
        require(parameters.value == type.mediaType, "another type: \(parameters.value)")
        for (name, value) in type.parameters where !name.contains("*") {
            require(parameters[name] == value, "\(name) is \(parameters[name] ?? "nothing")")
        }
    }

    /// What the credential chain reads.
    private static func checkDocuments(_ input: [UInt8]) {
        if let element = XMLElement.parse(input) { require(size(element) <= input.count * 4, "XML has grown") }
        let document = INIDocument(parsing: input.text)
        require(document.sections.count <= input.count, "more sections than bytes")
    }

    private static func size(_ element: XMLElement) -> Int {
        element.name.utf8.count + element.text.utf8.count + element.children.reduce(0) { $0 + size($1) }
    }
}

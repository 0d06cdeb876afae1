import Testing

@testable import Mail

/// Random and mutated input: nothing traps, and what is accepted keeps its promises.
@Suite struct FuzzTests {
    private static let seeds = [
        "\"Doe, A\" <a+b@bücher.example>", "=?utf-8?q?J=C3=BC?= <j@x.example>",
        "Team: a@x.example, (c(d)) b@y.example;", "\"a b\"@x.example",
        "From: a@x.example\r\nSubject: =?utf-8?b?w7w=?=\r\nBcc: x\r\n y\r\n\r\nbody",
        "text/plain; charset=\"utf-8\"; x=y",
        "018f2c1e-7b3a-7abc-8def-0123456a0001", "xn--bcher-kva.example", "مثال.例え。テスト",
    ]

    private static func mutant(_ random: inout SeededGenerator) -> [UInt8] {
        var bytes =
            random.chance(25) ? random.bytes(Int.random(in: 0...120, using: &random)) : Array(random.pick(seeds).utf8)
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            let position = Int.random(in: 0...bytes.count, using: &random)
            let special = random.pick(Array("\"\\()<>@,;:.=?[]_- \r\n\t\u{0}".utf8) + [0x80, 0xC3, 0xFF])
            switch Int.random(in: 0..<3, using: &random) {
            case 0: bytes.insert(special, at: position)
            case 1 where position < bytes.count: bytes[position] = special
            case 2 where position < bytes.count: bytes.remove(at: position)
            default: bytes += bytes.prefix(position)
            }
        }
        return bytes
    }

    @Test func addresses() throws {
        var random = SeededGenerator(seed: 51)
        var accepted = 0
        for _ in 0..<8_000 {
            let text = String(decoding: Self.mutant(&random), as: UTF8.self)
            var parser = AddressParser(text.utf8)
            _ = try? parser.parseList()
            _ = try? DomainName(parsing: text)
            guard let address = try? EmailAddress(parsing: text) else { continue }
            accepted += 1
            #expect(address.addrSpec.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } && address.addrSpec.utf8.count <= 254)
            #expect(address.headerForm.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F })
            #expect(try EmailAddress(parsing: address.headerForm) == address)
            #expect(try EmailAddress(parsing: address.displayText) == address)
        }
        #expect(accepted > 500)
    }

    @Test func rawMessages() {
        var random = SeededGenerator(seed: 52)
        var accepted = 0
        for _ in 0..<5_000 {
            let bytes = Self.mutant(&random)
            guard let message = try? RawMessage(parsing: bytes) else { continue }
            accepted += 1
            #expect(!message.from.isEmpty)
            #expect(message.bytes.count <= bytes.count)
            // What was accepted is accepted again, and then unchanged.
            #expect((try? RawMessage(parsing: message.bytes)) == message)
        }
        #expect(accepted > 100)
    }

    @Test func theRest() {
        var random = SeededGenerator(seed: 53)
        for _ in 0..<5_000 {
            let bytes = Self.mutant(&random)
            let text = String(decoding: bytes, as: UTF8.self)
            if let id = MessageID(text) { #expect(id.description == text) }
            if let id = OutboxID(text) { #expect(id.description == text) }
            _ = MessageID(bytes: bytes)
            if let type = ContentType(parsing: text) {
                #expect(type.mediaType.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
            }
            _ = EncodedWord.decodeAll(bytes)
            for position in bytes.indices { _ = EncodedWord.decode(bytes, at: position) }
            _ = BlockedExtensions.match(text)
            _ = try? SenderName(parsing: text)
        }
    }

    @Test func drafts() {
        var random = SeededGenerator(seed: 54)
        func text(_ random: inout SeededGenerator) -> String { String(decoding: Self.mutant(&random), as: UTF8.self) }
        for number in 0..<2_000 {
            var draft = Draft(
                from: "a@x.example",
                to: [text(&random), "b@y.example"],
                subject: text(&random),
                text: text(&random)
            )
            if random.chance(30) { draft.from = text(&random) }
            if random.chance(30) { draft.html = text(&random) }
            if random.chance(30) {
                draft.headers = [HeaderField(name: random.chance(50) ? "X-A" : text(&random), value: text(&random))]
            }
            if random.chance(30) {
                draft.attachments = [
                    Draft.Attachment(
                        filename: text(&random),
                        content: random.bytes(30),
                        contentType: text(&random),
                        contentID: random.chance(50) ? text(&random) : nil
                    )
                ]
            }
            if random.chance(10) { draft.raw = Self.mutant(&random) }
            guard case .raw(let bytes)? = try? MessageBuilder().build(draft, seed: UInt64(number)).content,
                draft.raw == nil
            else { continue }
            // What we build passes our own check of raw messages.
            #expect(throws: Never.self) { try RawMessage(parsing: bytes) }
        }
    }
}

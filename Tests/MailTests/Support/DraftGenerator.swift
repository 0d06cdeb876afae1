@testable import Mail

/// Valid but nasty drafts from a seed.
struct DraftGenerator {
    private var random: SeededGenerator

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    mutating func next() -> Draft {
        var draft = Draft(from: address(), to: addresses(random.pick([0, 1, 1, 1, 2, 3, 12])))
        if random.chance(30) { draft.cc = addresses(random.pick([1, 2, 9])) }
        if random.chance(30) || draft.to.texts.isEmpty { draft.bcc = addresses(random.pick([1, 2, 20])) }
        if random.chance(30) { draft.replyTo = addresses(random.pick([1, 1, 3])) }
        draft.subject = line(random.pick([1, 5, 20, 60, 120, 400, 1_500]))
        if random.chance(75) { draft.text = body() }
        if random.chance(60) || draft.text == nil { draft.html = "<p>" + body() + "</p>" }
        if random.chance(40) { draft.headers = headers() }
        if random.chance(60) { draft.attachments = (0..<random.pick([1, 1, 2, 5])).map { attachment($0) } }
        return draft
    }

    private mutating func addresses(_ count: Int) -> AddressField {
        .many((0..<count).map { _ in address() })
    }

    private mutating func address() -> String {
        let local = random.pick([
            "a", "first.last+tag", "x_y", "o'neil", "\"a b\"", "n", "long-local-part-of-an-address-that-is-long",
        ])
        let number = Int.random(in: 0..<1_000_000, using: &random)
        let domain = random.pick(["x.example", "bücher.example", "mail.a-rather-long-company-name.example", "例え.テスト"])
        let spec = local.hasSuffix("\"") ? "\"a b\(number)\"@\(domain)" : "\(local)\(number)@\(domain)"
        if random.chance(30) { return spec }
        let name = line(random.pick([1, 5, 12, 40, 150]))
        if name.utf8.count > 512 { return spec }
        return EmailAddress.quoted(name) + " <\(spec)>"
    }

    /// One line: all scripts, words, double spaces, pretended encoded words.
    private mutating func line(_ length: Int) -> String {
        let text =
            switch Int.random(in: 0..<6, using: &random) {
            case 0: Text.mess(length, &random)
            case 1: Text.asciiWords(length / 7 + 1, &random)
            case 2: String(repeating: random.pick(["x", "ü", "山", "🎉", "e\u{301}"]), count: min(length, 120))
            case 3:
                (0..<(length / 8 + 1)).map { _ in Text.word(&random) }.joined(
                    separator: random.pick([" ", "  ", " - "])
                )
            case 4: Text.asciiWords(length / 14 + 1, &random) + " ü " + Text.asciiWords(length / 14 + 1, &random)
            default: "Re: =?utf-8?q?x?= " + Text.asciiWords(length / 8 + 1, &random)
            }
        let line = String(text.unicodeScalars.prefix(150 + length))
        return line.utf8.allSatisfy { $0 == 0x20 } ? "x" : line
    }

    private mutating func body() -> String {
        let end = random.pick(["\n", "\r\n", "\r", "\n\n", "\r\n\r\n"])
        var lines: [String] = []
        for _ in 0..<Int.random(in: 1...12, using: &random) {
            switch Int.random(in: 0..<10, using: &random) {
            case 0: lines.append(Text.mess(Int.random(in: 1...300, using: &random), &random))
            case 1: lines.append(String(repeating: "long ", count: random.pick([10, 100, 199, 250])))
            case 2: lines.append(String(repeating: "x", count: random.pick([75, 76, 77, 997, 998, 999, 3_000])))
            case 3:
                lines.append(
                    random.pick([
                        "From here", ".", "..", "--", "--=_", "trailing ", "tab\t", " leading", "", "a=b", "=3D",
                    ])
                )
            case 4: lines.append((0..<20).map { _ in Text.word(&random) }.joined(separator: " "))
            case 5 where random.chance(20):
                lines.append("bell \u{7} form feed \u{C} nel \u{85} separator \u{2028} escape \u{1B}")
            default: lines.append(Text.asciiWords(Int.random(in: 1...15, using: &random), &random))
            }
        }
        return lines.joined(separator: end) + random.pick(["", end])
    }

    private mutating func headers() -> [HeaderField] {
        var fields = [HeaderField(name: "X-Campaign", value: "c-\(Int.random(in: 0..<1_000, using: &random))")]
        if random.chance(40) { fields.append(HeaderField(name: "X-Note", value: line(random.pick([5, 60, 300])))) }
        if random.chance(40) {
            let path = String(repeating: "p", count: random.pick([10, 60, 300]))
            fields.append(
                HeaderField(name: "List-Unsubscribe", value: "<mailto:u@x.example>, <https://x.example/\(path)>")
            )
            fields.append(HeaderField(name: "List-Unsubscribe-Post", value: "List-Unsubscribe=One-Click"))
        }
        if random.chance(20) {
            let ids = (0..<30).map { "<\($0).abcdefgh@x.example>" }.joined(separator: " ")
            fields.append(HeaderField(name: "References", value: ids))
        }
        return fields.filter { HeaderRules.problems(of: $0).isEmpty }
    }

    private mutating func attachment(_ number: Int) -> Draft.Attachment {
        let stem = random.pick([
            "report", "Übersicht 2026", "山田太郎の報告", "a \"quoted\" name; with=all", "it's 100% 'ok'*",
            "back\\slash and/slash",
            String(repeating: "long name ", count: 15), String(repeating: "ü", count: 120), "🎉🎉", "=?utf-8?q?x?=",
            "x.y.z",
            Text.mess(30, &random),
        ])
        let suffix = random.pick([".pdf", ".txt", ".png", ".ics", "", ".çsv", ".eml"])
        let filename = BlockedExtensions.match(stem + suffix) == nil ? stem + suffix : "fallback.pdf"
        var attachment = Draft.Attachment(
            filename: filename,
            content: random.bytes(random.pick([0, 1, 2, 3, 56, 57, 58, 114, 1_000, 5_000]))
        )
        if random.chance(40) {
            attachment.contentType = random.pick([
                "application/pdf", "IMAGE/PNG", "text/calendar; method=REQUEST; charset=\"utf-8\"",
                "application/x-thing; q=\"a \\\"b\\\"\"",
                "text/plain; charset=iso-8859-1", "message/rfc822",
            ])
        }
        if random.chance(35) { attachment.contentID = random.pick(["logo\(number)", "<logo\(number)@x.example>"]) }
        return attachment
    }
}

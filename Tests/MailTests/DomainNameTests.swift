import Testing

@testable import Mail

@Suite struct PunycodeTests {
    /// RFC 3492, section 7.1.
    @Test(arguments: [
        ("ليهمابتكلموشعربي؟", "egbpdaj6bu4bxfgehfvwxn"), ("他们为什么不说中文", "ihqwcrb4cv8a8dqg056pqjye"),
        ("Pročprostěnemluvíčesky", "Proprostnemluvesky-uyb24dma41a"),
        ("למההםפשוטלאמדבריםעברית", "4dbcagdahymbxekheh6e0a7fei0b"),
        ("なぜみんな日本語を話してくれないのか", "n8jok5ay5dzabd5bym9f0cm5685rrjetr6pdxa"),
        ("почемужеонинеговорятпорусски", "b1abfaaepdrnnbgefbadotcwatmq2g4l"),
        ("PorquénopuedensimplementehablarenEspañol", "PorqunopuedensimplementehablarenEspaol-fmd56a"),
        ("3年B組金八先生", "3B-ww4c5e180e575a65lsy2b"),
        ("安室奈美恵-with-SUPER-MONKEYS", "-with-SUPER-MONKEYS-pc58ag80a8qai00g7n9n"),
        ("-> $1.00 <-", "-> $1.00 <--"),
    ])
    func samples(_ text: String, _ encoded: String) {
        #expect(Punycode.encode(Array(text.unicodeScalars)) == encoded)
        #expect(Punycode.decode(encoded.utf8) == Array(text.unicodeScalars))
    }

    @Test func comesBack() {
        var random = SeededGenerator(seed: 21)
        for _ in 0..<2_000 {
            let scalars = (0..<Int.random(in: 1...40, using: &random)).map { _ in Text.scalar(&random) }
            let encoded = Punycode.encode(scalars)
            #expect(encoded.flatMap { Punycode.decode($0.utf8) } == scalars)
        }
    }

    @Test func nothingTrapsTheDecoder() {
        var random = SeededGenerator(seed: 22)
        for _ in 0..<5_000 {
            let letters = (0..<Int.random(in: 0...80, using: &random)).map { _ in random.pick(Array("abcxyz0189-".utf8))
            }
            _ = Punycode.decode(letters)
            _ = Punycode.decode(random.bytes(20))
        }
        #expect(Punycode.decode("99999999999999".utf8) == nil)
    }
}

@Suite struct DomainNameTests {
    /// Names of plain ASCII have a way of their own; the rules are said here once more.
    @Test func plainNamesFollowTheRulesOfHosts() {
        var random = SeededGenerator(seed: 23)
        for _ in 0..<20_000 {
            let letters = (0..<Int.random(in: 1...14, using: &random)).map { _ in random.pick(Array("aZ09-..".utf8)) }
            let name = String(decoding: letters, as: UTF8.self)
            let labels = name.split(separator: ".", omittingEmptySubsequences: false)
            let isRight =
                labels.count > 1
                && labels.allSatisfy { !$0.isEmpty && !$0.hasPrefix("-") && !$0.hasSuffix("-") }
                && labels.last?.allSatisfy(\.isNumber) == false
            #expect((try? DomainName(parsing: name).ascii) == (isRight ? name.lowercased() : nil), "\(name)")
        }
    }

    @Test(arguments: [
        ("example.com", "example.com"), ("EXAMPLE.Com", "example.com"), ("a-b.c1.example", "a-b.c1.example"),
        ("bücher.example", "xn--bcher-kva.example"), ("BÜCHER.example", "xn--bcher-kva.example"),
        ("bu\u{308}cher.example", "xn--bcher-kva.example"), ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("XN--BCHER-KVA.example", "xn--bcher-kva.example"), ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
        ("例え．テスト", "xn--r8jz45g.xn--zckzah"), ("例え｡テスト", "xn--r8jz45g.xn--zckzah"),
        ("ｅｘａｍｐｌｅ．ｃｏｍ", "example.com"), ("straße.example", "xn--strae-oqa.example"),
        ("מאמר.example", "xn--4db1ab4b.example"), ("xn--i-7iq.example", "xn--i-7iq.example"),
        ("r3---sn-a.example", "r3---sn-a.example"), ("1.example", "1.example"),
    ])
    func accepts(_ text: String, _ ascii: String) throws {
        #expect(try DomainName(parsing: text).ascii == ascii)
    }

    @Test(arguments: [
        ("", "nothing after"), ("localhost", "no dot"), (".example.com", "dot"), ("example.com.", "dot"),
        ("a..b", "dot"),
        ("[192.0.2.1]", "IP address"), ("[IPv6:2001:db8::1]", "IP address"), ("192.0.2.1", "number"),
        ("-a.example", "hyphen"),
        ("a-.example", "hyphen"), ("a_b.example", "\"_\""), ("a b.example", "white space"),
        ("a\nb.example", "white space"),
        ("*.a.example", "\"*\""), ("exa$mple.com", "\"$\""), ("xn--.example", "hyphen"),
        ("xn--99999999.example", "Punycode"), ("xn--abc-.example", "hyphen"),
        ("xn--a-b.example", "Punycode"),
        ("xn--a\u{e9}.example", "hyphens"), ("ab--\u{e9}.example", "hyphens"), ("\u{301}a.example", "combining"),
        ("☃.example", "U+2603"), ("a\u{200D}b.example", "U+200D"), ("l·a.example", "U+00B7"),
        ("a\u{5D0}.example", "right-to-left"),
        ("\u{5D0}a.example", "right-to-left"), ("\u{202E}a.example", "U+202E"),
        (String(repeating: "a", count: 64) + ".example", "63"), (String(repeating: "ü", count: 60) + ".example", "63"),
        (Array(repeating: "abcdefghi", count: 26).joined(separator: "."), "253"),
        (String(repeating: "a.", count: 5_000), "253"),
    ])
    func refuses(_ text: String, _ reason: String) {
        do {
            let domain = try DomainName(parsing: text)
            Issue.record("accepted as \(domain.ascii)")
        } catch {
            #expect(error.message.contains(reason), "\(error.message)")
        }
    }

    @Test func contextDecides() throws {
        #expect(try DomainName(parsing: "l·l.example").ascii == "xn--ll-0ea.example")
        #expect(try DomainName(parsing: "ab・アイ.example").ascii.hasPrefix("xn--"))
        #expect(try DomainName(parsing: "क्\u{200D}ष.example").ascii.hasPrefix("xn--"))
        #expect(try DomainName(parsing: "نامه\u{200C}ای.example").ascii == "xn--mgba3gch31f060k.example")
    }

    private struct Case: Codable {
        let text: String
        let ours: String?
    }

    private static let script = """
        import idna, json, sys, unicodedata
        def fold(text):
            # The mapping of RFC 5895, with Cherokee folded as Unicode folds it.
            out = ''
            for c in text:
                n = ord(c)
                if 0x13F8 <= n <= 0x13FD: out += chr(n - 8)
                elif 0xAB70 <= n <= 0xABBF: out += chr(n - 0xAB70 + 0x13A0)
                elif 0x13A0 <= n <= 0x13F5: out += c
                elif 0xFF00 <= n <= 0xFFEF: out += unicodedata.normalize('NFKC', c).lower()
                else: out += c.lower()
            return unicodedata.normalize('NFC', out)
        failures = []
        for case in json.load(open(sys.argv[1])):
            text = case['text']
            if any(unicodedata.category(c) == 'Cn' for c in text): continue
            try: theirs = idna.encode(fold(text)).decode()
            except (idna.IDNAError, UnicodeError): theirs = None
            if theirs != case.get('ours'): failures.append('%a: ours %s, idna %s' % (text, case.get('ours'), theirs))
        print(json.dumps(failures))
        """

    /// Every 13th scalar of Unicode in several surroundings, and random words of real scripts.
    @Test(.enabled(if: Python.canImport("idna"), "needs Python with the package idna"))
    func agreesWithIDNA() throws {
        var cases: [Case] = []
        func add(_ label: String) {
            // ASCII labels with such hyphens (r3---sn-a) are host names in use: idna refuses them, we do not.
            if label.utf8.allSatisfy({ $0 < 0x80 }), label.contains("--") { return }
            let text = label + ".example"
            cases.append(Case(text: text, ours: try? DomainName(parsing: text).ascii))
        }
        for value in stride(from: UInt32(0x80), to: 0x3_2000, by: 13) {
            guard let scalar = Unicode.Scalar(value), scalar.properties.generalCategory != .unassigned,
                scalar.properties.generalCategory != .privateUse, value != 0x1171E
            else { continue }
            for form in [
                "\(scalar)", "a\(scalar)", "\(scalar)1", "\u{5D0}\(scalar)", "\u{628}\(scalar)\u{628}", "l\(scalar)l",
            ]
            where !form.unicodeScalars.contains(where: { [0x3002, 0xFF0E, 0xFF61].contains($0.value) }) { add(form) }
        }
        var random = SeededGenerator(seed: 23)
        for _ in 0..<3_000 { add(Text.word(&random)) }
        let failures = try Python.run(Self.script, on: cases, as: [String].self)
        #expect(cases.count > 10_000)
        #expect(failures.count == 0, "of \(cases.count): \(failures.prefix(10))")
    }
}

@Suite struct FromPolicyTests {
    @Test func domainsMatchExactlyAndAddressesWhole() throws {
        let policy = FromPolicy(stored: ["a.example", "Shop@B.example", "bücher.example", "*.c.example"])
        func allows(_ text: String) throws -> Bool { policy.allows(try EmailAddress(parsing: text)) }
        #expect(try allows("x@a.example"))
        #expect(try allows("X <x+tag@A.EXAMPLE>"))
        #expect(try !allows("x@sub.a.example"))
        #expect(try !allows("x@a.example.com"))
        #expect(try !allows("x@aa.example"))
        #expect(try allows("shop@b.example"))
        #expect(try allows("SHOP@b.example"))
        #expect(try !allows("other@b.example"))
        #expect(try !allows("shop@x.b.example"))
        #expect(try allows("j@xn--bcher-kva.example"))
        #expect(try !allows("x@c.example"), "what is no name allows nothing")
        #expect(try !FromPolicy(stored: []).allows(EmailAddress(parsing: "x@a.example")))
    }

    @Test(arguments: ["*.a.example", "a", "", "@a.example", "a@", "A <a@b.example>", "a.example,b.example"])
    func refuses(_ entry: String) {
        #expect(throws: AddressError.self) { try SenderName(parsing: entry) }
    }
}

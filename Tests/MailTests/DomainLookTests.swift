import Mail
import Testing

@Suite("How domains look, and whose addresses they are")
struct DomainLookTests {
    private static func look(_ text: String) throws -> DomainLook { DomainLook(try DomainName(parsing: text)) }

    @Test("A domain is shown in its own script")
    func shown() throws {
        #expect(try Self.look("xn--bcher-kva.example").text == "bücher.example")
        #expect(try Self.look("Bücher.Example").text == "bücher.example")
        #expect(try Self.look("apa.example").text == "apa.example")
    }

    @Test(
        "Names that look like others are refused",
        arguments: [
            // A Cyrillic a among Latin letters.
            "\u{0430}pple.example", "p\u{0430}ypal.example", "shop.p\u{0430}ypal.example",
            // Cyrillic throughout, and nothing but look-alikes.
            "\u{0430}\u{0440}\u{0440}\u{04CF}\u{0435}.example",
            // Greek omicron.
            "g\u{03BF}\u{03BF}gle.example",
            // The same, as it comes from DNS.
            "xn--pple-43d.example",
        ]
    )
    func lookAlikes(_ text: String) throws {
        #expect(try Self.look(text).fault != nil)
    }

    @Test(
        "Honest names of other scripts are not",
        arguments: [
            "bücher.example", "почта.example", "почта.рф", "\u{0430}\u{0440}\u{0440}.рф", "日本語ドメイン.example",
            "日本tokyo.example", "한국어abc.example", "παράδειγμα.example", "israel.example", "straße.example",
            "a-1.example",
        ]
    )
    func honest(_ text: String) throws {
        #expect(try Self.look(text).fault == nil)
    }

    @Test("What cannot be told apart has one skeleton")
    func skeletons() throws {
        #expect(try Self.look("\u{0430}pa.example").skeleton == "apa.example")
        #expect(try Self.look("apa.example").skeleton == "apa.example")
        #expect(try Self.look("bücher.example").skeleton != "bucher.example")
    }

    @Test(
        "Only the very domain, or the very address, is allowed to a tenant",
        arguments: [
            ("a@apa.example", true), ("A@APA.Example", true), ("a@sub.apa.example", false), ("a@xapa.example", false),
            ("a@apa.example.evil.example", false), ("news@partner.example", true), ("NEWS@Partner.example", true),
            ("other@partner.example", false), ("news+x@partner.example", false), ("a@xn--bcher-kva.example", true),
            ("a@bücher.example", true), ("a@\u{0430}pa.example", false), ("a@ａｐａ.example", true),
            ("a@apa。example", true),
        ]
    )
    func exact(_ address: String, _ isAllowed: Bool) throws {
        let policy = FromPolicy(stored: ["Apa.Example", "News@partner.example", "Bücher.example"])
        #expect(policy.allows(try EmailAddress(parsing: address)) == isAllowed)
    }

    @Test(
        "No name ends with a dot, and none is a wildcard",
        arguments: [
            "apa.example.", ".apa.example", "*.apa.example", "apa", "apa..example", "[127.0.0.1]", "127.0.0.1",
            "a@b@c.example",
            "Name <a@b.example>", "", "apa.example\r\nBcc: x@y.example", "apa.example\0", "xn--a.example",
        ]
    )
    func malformed(_ text: String) {
        #expect(throws: AddressError.self) { try SenderName(parsing: text) }
    }

    @Test("A domain is below another by whole labels")
    func below() throws {
        let (a, b) = (try DomainName(parsing: "a.example"), try DomainName(parsing: "x.b.a.example"))
        #expect(b.isBelow(a) && !a.isBelow(b) && !a.isBelow(a))
        #expect(try !DomainName(parsing: "ba.example").isBelow(a))
        #expect(b.parents.map(\.ascii) == ["b.a.example", "a.example"])
        #expect(a.parents.isEmpty)
    }

    @Test("Within a domain are its addresses; covered by it is what is below, too")
    func within() throws {
        let (domain, address) = (try SenderName(parsing: "a.example"), try SenderName(parsing: "X@a.example"))
        let (below, other) = (try SenderName(parsing: "b.a.example"), try SenderName(parsing: "y@a.example"))
        #expect(address.isWithin(domain) && domain.isWithin(domain) && address.isWithin(address))
        #expect(!domain.isWithin(address) && !other.isWithin(address) && !below.isWithin(domain))
        #expect(below.isCovered(by: domain) && address.isCovered(by: domain) && !domain.isCovered(by: below))
    }
}

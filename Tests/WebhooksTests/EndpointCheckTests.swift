import Mail
import Testing

@testable import Webhooks

/// What may be said about an endpoint, and what is wrong with the rest.
struct EndpointCheckTests {
    private static func pointers(_ change: EndpointChange, allowsHTTP: Bool = false) -> [String] {
        do {
            _ = try EndpointCheck(allowsHTTP: allowsHTTP).check(change)
            return []
        } catch {
            return error.failures.map(\.pointer)
        }
    }

    @Test(arguments: [
        ("https://a.example/h", "https://a.example/h"),
        ("https://a.example", "https://a.example/"),
        ("https://a.example?x=1", "https://a.example/?x=1"),
        ("HTTPS://A.Example:8443/Path?Q=%2F", "https://a.example:8443/Path?Q=%2F"),
        ("https://xn--bcher-kva.example/", "https://xn--bcher-kva.example/"),
        ("https://203.0.113.7/x", "https://203.0.113.7/x"),
        ("https://[2001:DB8::1]:443/x", "https://[2001:db8::1]:443/x"),
        ("https://a_b.example/x@y", "https://a_b.example/x@y"),
    ])
    func urls(_ text: String, _ stored: String) throws {
        #expect(try EndpointCheck().check(EndpointChange(url: text)).url == stored)
    }

    @Test(arguments: [
        "", "a.example", "/x", "//a.example/x", "http://a.example/", "ftp://a.example/", "https:/a.example/",
        "https:///x", "https://", "https://user@a.example/", "https://user:secret@a.example/x", "https://a.example/#x",
        "https://a.example/ x", "https://a.example/\u{0}", "https://a.example/\n", "https://bücher.example/",
        "https://a.example/ü", "https://a.example\\@b.example/", "https://a..example/", "https://.example/",
        "https://-a.example/", "https://a.example:0/", "https://a.example:65536/", "https://a.example:/",
        "https://a.example:x/", "https://2130706433/", "https://0x7f.1/", "https://0177.0.0.1/", "https://127.1/",
        "https://1.2.3.4.5/", "https://256.1.1.1/", "https://[::1/", "https://[x]/", "https://[1]/", "https://[::1]x/",
        "https://a.example/%zz", "https://a.example/%2", "https://a%2eexample/", "javascript:alert(1)",
        "https://" + String(repeating: "a", count: 64) + ".example/",
        "https://a.example/" + String(repeating: "x", count: 2048),
    ])
    func noURLs(_ text: String) {
        #expect(Self.pointers(EndpointChange(url: text)) == ["/url"])
    }

    @Test func plainHTTPIsTheOperatorsChoice() throws {
        #expect(Self.pointers(EndpointChange(url: "http://a.example/")) == ["/url"])
        #expect(Self.pointers(EndpointChange(url: "http://127.0.0.1:9/x"), allowsHTTP: true) == [])
        #expect(Self.pointers(EndpointChange(url: "ftp://a.example/"), allowsHTTP: true) == ["/url"])
    }

    @Test func aRefusalDoesNotRepeatTheURL() throws {
        let error = #expect(throws: EndpointError.self) {
            try EndpointCheck().check(EndpointChange(url: "https://user:secret@a.example/x"))
        }
        #expect(error?.message.contains("secret") == false)
        #expect(error?.code == .invalid)
    }

    @Test func eventsAreKnownAndNotEmpty() throws {
        #expect(Self.pointers(EndpointChange(events: [])) == ["/events"])
        #expect(
            Self.pointers(EndpointChange(events: ["email.sent", "email.seen", "webhook.test"])) == [
                "/events/1", "/events/2",
            ]
        )
        #expect(Self.pointers(EndpointChange(events: .some(nil))) == [])
        let checked = try EndpointCheck().check(
            EndpointChange(events: ["email.sent", "webhook.disabled", "email.sent"])
        )
        #expect(checked.events == .some(["email.sent", "webhook.disabled"]))
        let all = EventType.allCases.map(\.rawValue)
        #expect(Self.pointers(EndpointChange(events: all)) == [])
    }

    @Test func filtersAreCheckedAndBroughtIntoTheComparedForm() throws {
        let checked = try EndpointCheck().check(
            EndpointChange(
                filter: FilterSettings(
                    fromDomains: ["Bücher.Example", "xn--bcher-kva.example", "b.example"],
                    fromAddresses: ["Shop@A.Example"],
                    regions: ["AT", "UK.north"],
                    streams: ["bulk"],
                    tags: ["kind": "invoice"]
                )
            )
        )
        #expect(
            checked.filter
                == FilterSettings(
                    fromDomains: ["xn--bcher-kva.example", "b.example"],
                    fromAddresses: ["shop@a.example"],
                    regions: ["AT", "UK.north"],
                    streams: ["bulk"],
                    tags: ["kind": "invoice"]
                )
        )
        let empty = FilterSettings(fromDomains: [], fromAddresses: [], regions: [], streams: [], tags: [:])
        #expect(
            Self.pointers(EndpointChange(filter: empty)) == [
                "/filter/from_domains", "/filter/from_addresses", "/filter/regions", "/filter/streams", "/filter/tags",
            ]
        )
        let wrong = FilterSettings(
            fromDomains: ["a.example", "*.a.example", "localhost"],
            fromAddresses: ["a@b.example", "Name <a@b.example>", "b.example"],
            regions: ["", String(repeating: "x", count: 65), "a b"],
            streams: ["transactional", "Bulk"],
            tags: ["a b": "x", "name": "ü"]
        )
        #expect(
            Self.pointers(EndpointChange(filter: wrong)) == [
                "/filter/from_domains/1", "/filter/from_domains/2", "/filter/from_addresses/1",
                "/filter/from_addresses/2", "/filter/regions/0", "/filter/regions/1", "/filter/regions/2",
                "/filter/streams/1", "/filter/tags", "/filter/tags/name",
            ]
        )
        let many = FilterSettings(
            regions: (0...100).map { "r\($0)" },
            tags: Dictionary(uniqueKeysWithValues: (0...10).map { ("t\($0)", "x") })
        )
        #expect(Self.pointers(EndpointChange(filter: many)) == ["/filter/regions", "/filter/tags"])
    }

    @Test func theRestIsBounded() {
        let long = String(repeating: "x", count: 257)
        #expect(Self.pointers(EndpointChange(description: long)) == ["/description"])
        #expect(Self.pointers(EndpointChange(description: String(repeating: "ü", count: 256))) == [])
        #expect(Self.pointers(EndpointChange(description: "a\u{0}b")) == ["/description"])
        for rate in [0, -1, 1001] { #expect(Self.pointers(EndpointChange(maxRate: rate)) == ["/max_rate"]) }
        for rate in [1, 1000] { #expect(Self.pointers(EndpointChange(maxRate: rate)) == []) }
        #expect(Self.pointers(EndpointChange(maxRate: .some(nil))) == [])
    }

    @Test func everythingThatIsWrongIsSaidAtOnce() {
        let change = EndpointChange(url: "x", description: "\u{7}", events: [], maxRate: 0)
        #expect(Self.pointers(change) == ["/url", "/description", "/events", "/max_rate"])
    }

    @Test func testEventsHaveAKnownType() throws {
        for type in [EventNames.test, EventNames.disabled, "email.bounced"] { try EndpointCheck.checkTestType(type) }
        for type in ["", "email.seen", "x\"y"] {
            let error = #expect(throws: EndpointError.self) { try EndpointCheck.checkTestType(type) }
            #expect(error?.failures.map(\.pointer) == ["/type"])
        }
    }
}

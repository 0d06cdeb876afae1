import Outbox
import Testing

@testable import Webhooks

struct EndpointFilterTests {
    private func accepts(_ conditions: String, events: [String]? = nil, _ entry: FeedEntry) throws -> Bool {
        try EndpointFilter(events: events, conditions: conditions).accepts(entry)
    }

    @Test(arguments: [
        "{}", #"{"from_domains": []}"#, #"{"from_domains": ["apa.example"]}"#,
        #"{"from_domains": ["x.example", "APA.example"]}"#,
        #"{"from_addresses": ["shop@apa.example"]}"#, #"{"regions": ["UK", "AT"]}"#, #"{"streams": ["transactional"]}"#,
        #"{"tags": {}}"#, #"{"tags": {"kind": "welcome"}}"#, #"{"tags": {"kind": "welcome", "env": "dev"}}"#,
        #"{"from_domains": ["apa.example"], "from_addresses": ["Shop@apa.example"], "regions": ["AT"]}"#,
    ])
    func mailThatMeetsAllConditionsPasses(conditions: String) throws {
        #expect(try accepts(conditions, .sample(1)))
    }

    @Test(arguments: [
        #"{"from_domains": ["example"]}"#, #"{"from_domains": ["sub.apa.example"]}"#,
        #"{"from_domains": ["pa.example"]}"#,
        #"{"from_addresses": ["other@apa.example"]}"#, #"{"regions": ["UK"]}"#, #"{"regions": ["at"]}"#,
        #"{"streams": ["bulk"]}"#, #"{"tags": {"kind": "other"}}"#, #"{"tags": {"none": "welcome"}}"#,
        #"{"from_domains": ["apa.example"], "regions": ["UK"]}"#,
        #"{"from_domains": ["apa.example"], "from_addresses": ["other@apa.example"]}"#,
    ])
    func mailThatMissesOneDoesNot(conditions: String) throws {
        #expect(try !accepts(conditions, .sample(1)))
    }

    @Test func aSubdomainIsAnotherDomain() throws {
        #expect(try !accepts(#"{"from_domains": ["apa.example"]}"#, .sample(1, from: "a@sub.apa.example")))
    }

    @Test func typesAreChosen() throws {
        #expect(try accepts("{}", events: ["email.sent"], .sample(1)))
        #expect(try !accepts("{}", events: ["email.bounced"], .sample(1)))
        #expect(try !accepts("{}", events: [], .sample(1)))
    }

    @Test func aNoticeHasToPassTheTypesOnly() throws {
        let notice = FeedEntry.sample(1, type: "webhook.disabled", from: nil)
        #expect(try accepts(#"{"regions": ["UK"]}"#, notice))
        #expect(try !accepts("{}", events: ["email.sent"], notice))
    }

    @Test func mailWithoutTagsHasNone() throws {
        #expect(try !accepts(#"{"tags": {"kind": "welcome"}}"#, .sample(1, tags: nil)))
    }

    @Test func whatIsNoConditionIsAnError() {
        #expect(throws: (any Error).self) { try EndpointFilter(events: nil, conditions: #"{"regions": "AT"}"#) }
    }
}

struct FanOutStepTests {
    private let page = (1...6).map { FeedEntry.sample($0, region: $0 % 2 == 0 ? "UK" : "AT") }

    private func step(_ room: Int) throws -> FanOutStep {
        let filter = try EndpointFilter(events: nil, conditions: #"{"regions": ["UK"]}"#)
        return FanOutStep(through: page, filter: filter, room: room)
    }

    @Test func goesToTheEndOfThePage() throws {
        let step = try step(10)
        #expect(step.entries.map(\.seq) == [2, 4, 6])
        #expect(step.position?.seq == 6)
        #expect(!step.isFull)
    }

    /// What is behind the last delivery that had room, and is not for the endpoint, is passed too.
    @Test(arguments: [(1, [2], 3), (2, [2, 4], 5), (3, [2, 4, 6], 6)] as [(Int, [Int64], Int64)])
    func stopsBeforeWhatHasNoRoom(room: Int, seqs: [Int64], last: Int64) throws {
        let step = try step(room)
        #expect(step.entries.map(\.seq) == seqs)
        #expect(step.position?.seq == last)
        #expect(step.isFull == (last < 6))
    }

    @Test func staysBeforeTheFirstWithoutRoom() throws {
        let all = FanOutStep(through: page, filter: EndpointFilter(events: nil), room: 0)
        #expect(all.entries.isEmpty)
        #expect(all.position == nil)
        #expect(all.isFull)
    }
}

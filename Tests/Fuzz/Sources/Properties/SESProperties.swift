import Foundation

@testable import Feedback
@testable import Gateway
@testable import Mail
@testable import Outbox

/// SES's event documents: whatever they say, what is recorded is small, valid, and the same however it came.
enum SESProperties {
    private static let receivedAt = Date(timeIntervalSince1970: 1_800_000_000)
    private static let reader = SESReader(accountID: 1, receivedAt: receivedAt)

    static func check(_ input: [UInt8]) {
        guard case .events(let events) = reader.read(input) else { return }
        require(!events.isEmpty && events.count <= 1000, "\(events.count) events")
        for event in events { check(event) }
        let pairs = events.map { "\($0.evidence.recipient ?? "") \($0.evidence.identity)" }
        require(Set(pairs).count == pairs.count, "an event stands twice")
        // In an EventBridge envelope, and with its members in another order.
        var wrapped = Array(#"{"source":"aws.ses","detail-type":"x","detail":"#.utf8) + input
        wrapped.append(UInt8(ascii: "}"))
        compare(pairs, wrapped)
        guard let document = try? JSONDocument(input), (try? document.requireUnique()) != nil,
            let object = try? JSONSerialization.jsonObject(with: Data(input)),
            let sorted = try? JSONSerialization.data(withJSONObject: object, options: [.sortedKeys, .prettyPrinted])
        else { return }
        compare(pairs, Array(sorted))
    }

    private static func compare(_ pairs: [String], _ other: [UInt8]) {
        guard case .events(let events) = reader.read(other) else { return }
        let others = events.map { "\($0.evidence.recipient ?? "") \($0.evidence.identity)" }
        require(others == pairs, "the same in another form is \(others) and not \(pairs)")
    }

    private static func check(_ event: SESEvent) {
        let evidence = event.evidence
        require(evidence.data.utf8.count < 32_000, "data of \(evidence.data.utf8.count) bytes")
        let document = unwrap(try? JSONDocument(Array(evidence.data.utf8)), "data are no JSON: \(evidence.data)")
        require((try? document.requireUnique()) != nil, "a member stands twice in the data: \(evidence.data)")
        require(document.root.kind == .object, "data are no object")
        require(evidence.identity.utf8.count < 1000, "an identity of \(evidence.identity.utf8.count) bytes")
        for text in [evidence.identity, evidence.recipient ?? "", evidence.sesMessageID] {
            require(!text.unicodeScalars.contains { $0.value < 0x20 }, "a control character: \(text.debugDescription)")
        }
        require((evidence.recipient?.utf8.count ?? 0) <= 1000, "a long recipient")
        let latest = receivedAt.addingTimeInterval(301)
        let earliest = Date(timeIntervalSince1970: 1_293_740_000)
        require((earliest...latest).contains(evidence.at), "it happened at \(evidence.at)")
        require((earliest...latest).contains(event.mailedAt), "SES took it at \(event.mailedAt)")
        if evidence.suppression != nil {
            require([.bounced, .complained].contains(evidence.type), "\(evidence.type) suppresses")
            require(evidence.recipient != nil || evidence.entry != nil, "nobody is suppressed")
        }
    }
}

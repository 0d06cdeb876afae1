import Coding
import Foundation

/// SES's JSON, as far as it says something to us. A member of another shape than SES's counts as missing: one odd detail
/// must not cost the whole event.
struct SESDocument: Decodable {
    /// `eventType` or `notificationType`.
    let type: String?
    let mail: Mail?
    let bounce: Bounce?
    let complaint: Complaint?
    let delivery: Delivery?
    let delay: Delay?
    let reject: Reject?
    let failure: Failure?
    let open: Engagement?
    let click: Engagement?
    /// EventBridge's envelope.
    let source: String?
    let detailType: String?
    /// The document inside it: one element, or none. (A struct cannot hold itself.)
    let details: [SESDocument]

    private enum Keys: String, CodingKey {
        case eventType, notificationType, mail, bounce, complaint, delivery, reject, failure, open, click, source,
            detail
        case delay = "deliveryDelay"
        case detailType = "detail-type"
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Keys.self)
        type = members.text(.eventType) ?? members.text(.notificationType)
        mail = members.part(.mail)
        bounce = members.part(.bounce)
        complaint = members.part(.complaint)
        delivery = members.part(.delivery)
        delay = members.part(.delay)
        reject = members.part(.reject)
        failure = members.part(.failure)
        open = members.part(.open)
        click = members.part(.click)
        source = members.text(.source)
        detailType = members.text(.detailType)
        let inner: SESDocument? = detailType == nil ? nil : members.part(.detail)
        details = inner.map { [$0] } ?? []
    }
}

extension KeyedDecodingContainer {
    /// A string; nil for everything else.
    func text(_ key: Key) -> String? { contains(key) ? try? decode(String.self, forKey: key) : nil }

    /// Whatever can be read; nil for everything else.
    func part<Part: Decodable>(_ key: Key) -> Part? { contains(key) ? try? decode(Part.self, forKey: key) : nil }

    /// The elements of an array that can be read.
    func elements<Element: Decodable>(_ key: Key) -> [Element] {
        guard contains(key), var array = try? nestedUnkeyedContainer(forKey: key) else { return [] }
        var elements: [Element] = []
        while !array.isAtEnd, elements.count <= SESReader.recipients {
            guard let decoder = try? array.superDecoder() else { break }
            if let element = try? Element(from: decoder) { elements.append(element) }
        }
        return elements
    }
}

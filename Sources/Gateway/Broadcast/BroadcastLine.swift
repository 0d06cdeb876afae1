import Coding
import Mail

/// A line of a broadcast behind the first: one recipient.
struct BroadcastLine: Decodable {
    let to: String
    let data: TemplateValue?

    private enum Keys: String, CodingKey, CaseIterable {
        case to, data
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        to = try members.decode(String.self, forKey: .to)
        data = try members.decodeIfPresent(TemplateValue.self, forKey: .data)
    }
}

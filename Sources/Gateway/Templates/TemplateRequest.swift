import Coding
import Directory
import Mail

/// The body of `POST /templates` and, without a name, of `PUT /templates/{name}`.
struct TemplateRequest: Decodable {
    let name: String?
    let source: TemplateSource

    private enum Keys: String, CodingKey, CaseIterable {
        case name, subject, text, html
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        name = try members.decodeIfPresent(String.self, forKey: .name)
        source = TemplateSource(
            subject: try members.decode(String.self, forKey: .subject),
            text: try members.decodeIfPresent(String.self, forKey: .text),
            html: try members.decodeIfPresent(String.self, forKey: .html)
        )
        if let name, !TemplateReference.isName(name) {
            throw DecodingError.dataCorruptedError(
                forKey: .name,
                in: members,
                debugDescription: "must be 1 to 64 letters, digits, '-' or '_'"
            )
        }
    }
}

/// The body of `POST /templates/{name}/render`.
struct RenderRequest: Decodable {
    let data: TemplateValue
    let version: Int?

    private enum Keys: String, CodingKey, CaseIterable {
        case data, version
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        data = try members.decodeIfPresent(TemplateValue.self, forKey: .data) ?? .object([:])
        guard data.isObject else {
            throw DecodingError.dataCorruptedError(forKey: .data, in: members, debugDescription: "must be an object")
        }
        version = try members.decodeWholeIfPresent(forKey: .version)
    }
}

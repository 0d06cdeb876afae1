import Coding
import Mail

extension StoredContent {
    /// What `JSONDecoder` reads as the same content. Written by hand because the encoder takes longer than all that is done
    /// to a message before it.
    static func json(_ content: SimpleContent) -> [UInt8] {
        var json: [UInt8] = []
        json.reserveCapacity(256 + (content.text?.utf8.count ?? 0) * 9 / 8 + (content.html?.utf8.count ?? 0) * 9 / 8)
        json += "{\"from\":".utf8
        json.appendJSON(content.from)
        json += ",\"to\":".utf8
        json.appendJSON(content.to)
        json += ",\"subject\":".utf8
        json.appendJSON(content.subject)
        if let text = content.text {
            json += ",\"text\":".utf8
            json.appendJSON(text)
        }
        if let html = content.html {
            json += ",\"html\":".utf8
            json.appendJSON(html)
        }
        json += ",\"replyTo\":[".utf8
        for (index, address) in content.replyTo.enumerated() {
            if index > 0 { json.append(UInt8(ascii: ",")) }
            json.appendJSON(address)
        }
        json += "],\"headers\":[".utf8
        for (index, field) in content.headers.enumerated() {
            json += (index > 0 ? ",{\"name\":" : "{\"name\":").utf8
            json.appendJSON(field.name)
            json += ",\"value\":".utf8
            json.appendJSON(field.value)
            json.append(UInt8(ascii: "}"))
        }
        json += "]}".utf8
        return json
    }
}

import Mail

extension StoredContent {
    /// What `JSONDecoder` reads as the same content. Written by hand because the encoder takes longer than all that is done
    /// to a message before it.
    static func json(_ content: SimpleContent) -> [UInt8] {
        var json: [UInt8] = []
        json.reserveCapacity(256 + (content.text?.utf8.count ?? 0) * 9 / 8 + (content.html?.utf8.count ?? 0) * 9 / 8)
        json += "{\"from\":".utf8
        append(content.from, to: &json)
        json += ",\"to\":".utf8
        append(content.to, to: &json)
        json += ",\"subject\":".utf8
        append(content.subject, to: &json)
        if let text = content.text {
            json += ",\"text\":".utf8
            append(text, to: &json)
        }
        if let html = content.html {
            json += ",\"html\":".utf8
            append(html, to: &json)
        }
        json += ",\"replyTo\":[".utf8
        for (index, address) in content.replyTo.enumerated() {
            if index > 0 { json.append(UInt8(ascii: ",")) }
            append(address, to: &json)
        }
        json += "],\"headers\":[".utf8
        for (index, field) in content.headers.enumerated() {
            json += (index > 0 ? ",{\"name\":" : "{\"name\":").utf8
            append(field.name, to: &json)
            json += ",\"value\":".utf8
            append(field.value, to: &json)
            json.append(UInt8(ascii: "}"))
        }
        json += "]}".utf8
        return json
    }

    private static func append(_ text: String, to json: inout [UInt8]) {
        json.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                json.append(UInt8(ascii: "\\"))
                json.append(byte)
            case 0..<0x20: json += ("\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16)).utf8
            default: json.append(byte)
            }
        }
        json.append(UInt8(ascii: "\""))
    }
}

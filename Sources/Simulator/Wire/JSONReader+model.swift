/// The shapes that SES's requests share.
extension JSONReader {
    mutating func optionalString() throws(ServiceFailure) -> String? {
        try null() ? nil : try string()
    }

    mutating func strings() throws(ServiceFailure) -> [String] {
        if try null() { return [] }
        var strings: [String] = []
        try array { (reader) throws(ServiceFailure) in strings.append(try reader.string()) }
        return strings
    }

    mutating func destination() throws(ServiceFailure) -> Submission.Destination {
        var destination = Submission.Destination()
        if try null() { return destination }
        try object { (name, reader) throws(ServiceFailure) in
            switch name {
            case "ToAddresses": destination.to = try reader.strings()
            case "CcAddresses": destination.cc = try reader.strings()
            case "BccAddresses": destination.bcc = try reader.strings()
            default: try reader.skip()
            }
        }
        return destination
    }

    mutating func tags() throws(ServiceFailure) -> [Submission.Tag] {
        try pairs().map { Submission.Tag(name: $0.name, value: $0.value) }
    }

    /// Takes `{"Data": ..., "Charset": ...}`; answers whether there is data.
    mutating func text() throws(ServiceFailure) -> Bool {
        if try null() { return false }
        var hasData = false
        try object { (name, reader) throws(ServiceFailure) in
            if name == "Data" {
                if try reader.null() { return }
                _ = try reader.stringRange()
                hasData = true
            } else {
                try reader.skip()
            }
        }
        return hasData
    }

    /// Takes `Headers` (at most 15; the API model gives the patterns); answers what is wrong with them.
    mutating func headersFault() throws(ServiceFailure) -> String? {
        let headers = try pairs()
        guard headers.count <= 15 else { return "More than 15 headers" }
        for header in headers {
            let name = header.name.utf8
            let value = header.value.utf8
            guard (1...126).contains(name.count),
                name.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") })
            else { return "Invalid header name" }
            guard (1...995).contains(value.count), value.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }),
                name.count + value.count <= 996
            else { return "Invalid value of header \(header.name)" }
        }
        return nil
    }

    /// Takes `Attachments`; answers what is wrong with them.
    mutating func attachmentsFault() throws(ServiceFailure) -> String? {
        if try null() { return nil }
        var fault: String?
        try array { (reader) throws(ServiceFailure) in
            var content: Range<Int>?
            var hasName = false
            try reader.object { (name, reader) throws(ServiceFailure) in
                switch name {
                case "RawContent": content = try reader.null() ? nil : try reader.stringRange()
                case "FileName": hasName = try reader.optionalString()?.isEmpty == false
                default: try reader.skip()
                }
            }
            if let content, !Base64.isValid(reader.bytes[content]) { throw Base64.failure }
            if content == nil { fault = "Missing required field RawContent" }
            if !hasName { fault = fault ?? "Missing required field FileName" }
        }
        return fault
    }

    /// Runs `body` and answers which bytes it took.
    mutating func range(
        _ body: (inout JSONReader) throws(ServiceFailure) -> Void
    ) throws(ServiceFailure) -> Range<Int> {
        var start = index
        while start < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[start]) { start += 1 }
        try body(&self)
        return start..<index
    }

    mutating func pairs() throws(ServiceFailure) -> [(name: String, value: String)] {
        if try null() { return [] }
        var pairs: [(name: String, value: String)] = []
        try array { (reader) throws(ServiceFailure) in
            var pair = (name: "", value: "")
            try reader.object { (name, reader) throws(ServiceFailure) in
                switch name {
                case "Name": pair.name = try reader.optionalString() ?? ""
                case "Value": pair.value = try reader.optionalString() ?? ""
                default: try reader.skip()
                }
            }
            pairs.append(pair)
        }
        return pairs
    }
}

extension Submission.Destination {
    /// All recipients, in order; one list is handed on without a copy.
    var all: [String] {
        cc.isEmpty && bcc.isEmpty ? to : to + cc + bcc
    }
}

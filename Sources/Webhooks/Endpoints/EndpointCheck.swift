import Mail

/// Checks what a tenant writes about an endpoint, and brings it into the form in which it is stored and compared.
public struct EndpointCheck: Sendable {
    static let maximumDescription = 256
    static let maximumEntries = 100
    static let maximumTags = 10
    static let maximumRate = 1000

    private let allowsHTTP: Bool

    /// - Parameter allowsHTTP: whether `http://` will do, which an operator allows for test set-ups.
    public init(allowsHTTP: Bool = false) {
        self.allowsHTTP = allowsHTTP
    }

    /// - Throws: `EndpointError` of code `.invalid` that names everything that is wrong.
    public func check(_ change: EndpointChange) throws(EndpointError) -> EndpointChange {
        var reader = Reader()
        var checked = change
        if let url = change.url { checked.url = reader.url(url, allowsHTTP: allowsHTTP) }
        if let description = change.description { reader.description(description) }
        if case .some(.some(let events)) = change.events { checked.events = .some(reader.events(events)) }
        if let filter = change.filter { checked.filter = reader.filter(filter) }
        if case .some(.some(let rate)) = change.maxRate, !(1...Self.maximumRate).contains(rate) {
            reader.fail("/max_rate", "must be 1 to \(Self.maximumRate) requests per second, or null")
        }
        guard reader.failures.isEmpty else { throw Self.invalid(reader.failures) }
        return checked
    }

    /// - Throws: unless a test event may have this type.
    public static func checkTestType(_ type: String) throws(EndpointError) {
        guard type != EventNames.test, !EventNames.known.contains(type) else { return }
        throw invalid([
            ValidationFailure(
                pointer: "/type",
                detail: "must be \(EventNames.test) or an event type such as email.sent"
            )
        ])
    }

    static func invalid(_ failures: [ValidationFailure]) -> EndpointError {
        let first = failures.first.map { "\($0.pointer): \($0.detail)" } ?? ""
        let message = failures.count == 1 ? first : "\(failures.count) things are wrong with the webhook"
        return EndpointError(.invalid, message, failures: failures)
    }
}

/// Reads members and collects what is wrong with them.
private struct Reader {
    var failures: [ValidationFailure] = []

    mutating func fail(_ pointer: String, _ detail: String) {
        failures.append(ValidationFailure(pointer: pointer, detail: detail))
    }

    mutating func url(_ text: String, allowsHTTP: Bool) -> String {
        do {
            return try EndpointURL.check(text, allowsHTTP: allowsHTTP)
        } catch {
            fail("/url", error.message)
            return text
        }
    }

    mutating func description(_ text: String) {
        if text.count > EndpointCheck.maximumDescription || text.utf8.count > 4 * EndpointCheck.maximumDescription {
            fail("/description", "is longer than \(EndpointCheck.maximumDescription) characters")
        }
        if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            fail("/description", "holds a control character")
        }
    }

    mutating func events(_ types: [String]) -> [String] {
        if types.isEmpty { fail("/events", "must not be empty; null or no member stands for all") }
        for (index, type) in types.prefix(EndpointCheck.maximumEntries).enumerated()
        where !EventNames.known.contains(type) {
            fail("/events/\(index)", "is no event type; known are \(EventNames.known.joined(separator: ", "))")
        }
        checkCount(types.count, "/events")
        return Self.once(types)
    }

    mutating func filter(_ filter: FilterSettings) -> FilterSettings {
        var checked = filter
        checked.fromDomains = list(filter.fromDomains, "/filter/from_domains") { text throws(AddressError) in
            try DomainName(parsing: text).ascii
        }
        checked.fromAddresses = list(filter.fromAddresses, "/filter/from_addresses") { text throws(AddressError) in
            let address = try EmailAddress(parsing: text)
            guard address.displayName == nil else {
                throw AddressError(.displayName, "must be an address without a name")
            }
            return address.matchKey
        }
        checked.regions = list(filter.regions, "/filter/regions") { text throws(AddressError) in
            guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy({ Self.isWord($0) || $0 == 0x2E }) else {
                throw AddressError(.syntax, "must be 1 to 64 letters, digits, '-', '_' or '.'")
            }
            return text
        }
        checked.streams = list(filter.streams, "/filter/streams") { text throws(AddressError) in
            guard MessageStream(rawValue: text) != nil else {
                throw AddressError(.syntax, "must be transactional or bulk")
            }
            return text
        }
        if let tags = filter.tags { self.tags(tags) }
        return checked
    }

    /// An empty list could mean all or none, so there is none.
    private mutating func list(
        _ entries: [String]?,
        _ pointer: String,
        _ read: (String) throws(AddressError) -> String
    ) -> [String]? {
        guard let entries else { return nil }
        if entries.isEmpty { fail(pointer, "must not be empty; leave it out to hear of all") }
        checkCount(entries.count, pointer)
        var checked: [String] = []
        for (index, entry) in entries.prefix(EndpointCheck.maximumEntries).enumerated() {
            do throws(AddressError) {
                checked.append(try read(entry))
            } catch {
                fail("\(pointer)/\(index)", error.message)
            }
        }
        return Self.once(checked)
    }

    private mutating func tags(_ tags: [String: String]) {
        let pointer = "/filter/tags"
        if tags.isEmpty { fail(pointer, "must not be empty; leave it out to hear of all") }
        if tags.count > EndpointCheck.maximumTags {
            return fail(pointer, "there are \(tags.count) tags; at most \(EndpointCheck.maximumTags) are accepted")
        }
        for (name, value) in tags.sorted(by: { $0.key < $1.key }) {
            if !Self.isTagWord(name) {
                fail(pointer, "a tag's name must be 1 to 256 letters, digits, '-' or '_'")
            } else if !Self.isTagWord(value) {
                fail("\(pointer)/\(name)", "must be 1 to 256 letters, digits, '-' or '_'")
            }
        }
    }

    private mutating func checkCount(_ count: Int, _ pointer: String) {
        guard count > EndpointCheck.maximumEntries else { return }
        fail(pointer, "has \(count) entries; at most \(EndpointCheck.maximumEntries) are accepted")
    }

    private static func once(_ texts: [String]) -> [String] {
        var seen: Set<String> = []
        return texts.filter { seen.insert($0).inserted }
    }

    private static func isTagWord(_ text: String) -> Bool {
        (1...256).contains(text.utf8.count) && text.utf8.allSatisfy(isWord)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

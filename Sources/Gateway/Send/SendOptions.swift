import FoundationEssentials
import Mail

/// The members of `POST /send` that say how, when and by which way a message goes, checked.
struct SendOptions {
    private static let maximumTags = 10
    private static let maximumMetadataBytes = 4096
    private static let maximumDelay: TimeInterval = 30 * 86_400
    /// A time that is this little ahead counts as now: a lane's queue is quicker than a schedule.
    private static let aheadTolerance: TimeInterval = 1
    /// And one that is this little over: clocks differ, and requests take their time.
    private static let pastTolerance: TimeInterval = 30

    private(set) var stream = MessageStream.transactional
    private(set) var priority = Priority.normal
    /// Nil: now.
    private(set) var scheduledAt: Date?
    private(set) var expiresAt: Date?
    /// JSON objects, nil when empty.
    private(set) var tags: String?
    private(set) var metadata: String?
    private(set) var failures: [ValidationFailure] = []

    init(_ request: SendRequest, now: Date) {
        readStream(request.stream)
        readPriority(request.priority)
        readRegion(request.region)
        readTimes(request, now: now)
        readTags(request.tags ?? [:])
        readMetadata(request.metadata ?? [:])
    }

    private mutating func fail(_ pointer: String, _ detail: String) {
        failures.append(ValidationFailure(pointer: pointer, detail: detail))
    }

    private mutating func readStream(_ text: String?) {
        guard let text else { return }
        guard let stream = MessageStream(rawValue: text) else {
            return fail("/stream", "must be transactional or bulk")
        }
        self.stream = stream
    }

    private mutating func readPriority(_ text: String?) {
        guard let text else { return }
        guard let priority = Priority(name: text) else { return fail("/priority", "must be high, normal or bulk") }
        self.priority = priority
    }

    /// A tenant may have a way for every region, so a name is checked for itself.
    private mutating func readRegion(_ text: String?) {
        guard let text else { return }
        let isName = (1...64).contains(text.utf8.count) && text.utf8.allSatisfy { Self.isWord($0) || $0 == 0x2E }
        if !isName { fail("/region", "must be 1 to 64 letters, digits, '-', '_' or '.'") }
    }

    private mutating func readTimes(_ request: SendRequest, now: Date) {
        if let date = readTime(request.scheduledAt, at: "/scheduled_at") {
            let delay = date.timeIntervalSince(now)
            if delay < -Self.pastTolerance {
                fail("/scheduled_at", "lies in the past")
            } else if delay > Self.maximumDelay {
                fail("/scheduled_at", "is more than 30 days ahead")
            } else if delay > Self.aheadTolerance {
                scheduledAt = date
            }
        }
        if let date = readTime(request.expiresAt, at: "/expires_at") {
            if date <= now {
                fail("/expires_at", "lies in the past")
            } else if let scheduledAt, date <= scheduledAt {
                fail("/expires_at", "must come after scheduled_at")
            } else {
                expiresAt = date
            }
        }
    }

    private mutating func readTime(_ text: String?, at pointer: String) -> Date? {
        guard let text else { return nil }
        guard let date = RFC3339.date(text) else {
            fail(pointer, "must be a time such as 2026-02-03T04:05:06Z or 2026-02-03T05:05:06+01:00 (RFC 3339)")
            return nil
        }
        return date
    }

    private mutating func readTags(_ tags: [String: String]) {
        if tags.count > Self.maximumTags { fail("/tags", "there are \(tags.count) tags; at most 10 are accepted") }
        for (name, value) in tags.sorted(by: { $0.key < $1.key }) {
            if !Self.isTagWord(name) {
                fail("/tags", "a tag's name must be 1 to 256 letters, digits, '-' or '_'")
            } else if !Self.isTagWord(value) {
                fail("/tags/\(name)", "must be 1 to 256 letters, digits, '-' or '_'")
            }
        }
        self.tags = Self.json(tags)
    }

    private mutating func readMetadata(_ metadata: [String: String]) {
        // PostgreSQL's JSON has no NUL.
        if metadata.contains(where: { $0.key.utf8.contains(0) || $0.value.utf8.contains(0) }) {
            fail("/metadata", "holds a NUL character")
        }
        self.metadata = Self.json(metadata)
        let bytes = self.metadata?.utf8.count ?? 0
        if bytes > Self.maximumMetadataBytes {
            fail("/metadata", "has \(bytes) bytes as JSON; at most 4096 are accepted")
        }
    }

    private static func json(_ object: [String: String]) -> String? {
        guard !object.isEmpty else { return nil }
        return JSONValue.object(object.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }).text
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

/// The account's identities and configuration sets, as its API and `PUT /_simulator/identities` make them; bounded.
///
/// Unless it is strict, any sender may send and any configuration set exists, so that a new simulator needs no set-up.
struct IdentityBook: Sendable {
    struct Entry: Sendable, Equatable {
        var name: String
        /// As SES calls them: `PENDING`, `SUCCESS`, ...
        var dkim = "PENDING"
        var mailFrom: String?
        var mailFromState = "PENDING"

        /// A domain is verified by its DKIM records, an address by a visit, which `dkim` stands for here.
        var isVerified: Bool { dkim == "SUCCESS" }

        var isDomain: Bool { !name.contains("@") }

        /// Three of them, always the same for a name.
        var tokens: [String] {
            var seed: UInt64 = 0xCBF2_9CE4_8422_2325
            for byte in name.utf8 { seed = (seed ^ UInt64(byte)) &* 0x100_0000_01B3 }
            return (0..<3).map { place in
                let words = (0..<3).map { String(SplitMix64.mix(seed &+ UInt64(place * 3 + $0)), radix: 36) }
                return String(words.joined().prefix(32))
            }
        }
    }

    static let states = ["PENDING", "SUCCESS", "FAILED", "TEMPORARY_FAILURE", "NOT_STARTED"]
    private static let capacity = 10_000

    /// What was not made is refused.
    var isStrict = false
    private var entries: [String: Entry] = [:]
    private var sets: Set<String> = []

    subscript(name: String) -> Entry? {
        get { entries[name.lowercased()] }
        set { entries[name.lowercased()] = newValue }
    }

    /// False where there is such an identity, or no room.
    mutating func create(_ name: String) -> Bool {
        guard self[name] == nil, entries.count < Self.capacity else { return false }
        self[name] = Entry(name: name.lowercased())
        return true
    }

    /// One that was made; or, unless it is strict, one that anybody may send from.
    func known(_ name: String) -> Entry? {
        self[name] ?? (isStrict ? nil : Entry(name: name.lowercased(), dkim: "SUCCESS"))
    }

    mutating func createSet(_ name: String) -> Bool {
        sets.count < Self.capacity && sets.insert(name).inserted
    }

    func hasSet(_ name: String) -> Bool { !isStrict || sets.contains(name) }

    /// What SES refuses of a submission for its identity or its configuration set; nil: nothing.
    func refusal(of submission: Submission) -> ServiceFailure? {
        guard isStrict else { return nil }
        if let set = submission.configurationSet, !sets.contains(set) {
            return ServiceFailure(
                status: 404,
                code: "NotFoundException",
                message: "Configuration set <\(set)> does not exist.",
                bulkStatus: "CONFIGURATION_SET_NOT_FOUND"
            )
        }
        if let arn = submission.identityARN ?? submission.feedbackIdentityARN, !isAuthorised(arn) {
            return ServiceFailure(
                status: 403,
                code: "AccessDeniedException",
                message: "User is not authorized to perform `ses:SendEmail' on resource `\(arn)'"
            )
        }
        guard submission.identityARN == nil, let from = submission.from else { return nil }
        let address = EmailAddress.bare(from).lowercased()
        let domain = address.split(separator: "@").last.map(String.init) ?? ""
        var names = [address, domain]
        var rest = domain[...]
        while let dot = rest.firstIndex(of: ".") {
            rest = rest[rest.index(after: dot)...]
            names.append(String(rest))
        }
        guard !names.contains(where: { self[$0]?.isVerified == true }) else { return nil }
        return ServiceFailure(
            status: 400,
            code: "MessageRejected",
            message: "Email address is not verified. The following identities failed the check in region EU-CENTRAL-1: "
                + address,
            bulkStatus: "MESSAGE_REJECTED"
        )
    }

    /// The owner of an identity that was made here has allowed it, verified or not.
    private func isAuthorised(_ arn: String) -> Bool { Self.name(in: arn).map { self[$0] != nil } ?? false }

    /// What SES refuses of an ARN whatever identities there are: it is none, or another sender's.
    static func fault(of arn: String, from: String?) -> String? {
        guard let name = name(in: arn) else { return "Invalid ARN: \(arn.prefix(256))" }
        // Else it is in the headers of a raw message, which nobody opens here.
        guard let from else { return nil }
        let address = EmailAddress.bare(from).lowercased()
        let domain = address.split(separator: "@").last.map(String.init) ?? ""
        guard name == address || name == domain || domain.hasSuffix("." + name) else {
            return "From address \(address) does not belong to identity \(name)"
        }
        return nil
    }

    private static func name(in arn: String) -> String? {
        let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts[2] == "ses", parts[4].utf8.count == 12,
            parts[5].hasPrefix("identity/"), parts[5].utf8.count > 9
        else { return nil }
        return parts[5].dropFirst(9).lowercased()
    }
}

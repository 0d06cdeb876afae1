/// What `PUT /_simulator/identities` says of an identity that exists from then on, as its owner or SES would change it:
/// `{"name": "a.example", "dkim": "SUCCESS", "mail_from": "bounce.a.example", "mail_from_state": "SUCCESS"}`.
struct IdentitySettings {
    let name: String
    private let dkim: String?
    private let mailFrom: String?
    private let mailFromState: String?

    /// Throws `invalidSettings` for unknown members and bad values.
    init(parsing text: String) throws(SimulatorError) {
        var document = try StrictMapping(parsing: text, code: .invalidSettings)
        guard let name = try document.string("name"), !name.isEmpty else {
            throw document.failure("name", "is required")
        }
        self.name = name
        dkim = try Self.state("dkim", &document)
        mailFrom = try document.string("mail_from")
        mailFromState = try Self.state("mail_from_state", &document)
        try document.finish()
    }

    private static func state(_ name: String, _ document: inout StrictMapping) throws(SimulatorError) -> String? {
        guard let state = try document.string(name) else { return nil }
        guard IdentityBook.states.contains(state) else {
            throw document.failure(name, "must be \(IdentityBook.states.joined(separator: ", "))")
        }
        return state
    }

    func apply(to book: inout IdentityBook) {
        _ = book.create(name)
        guard var entry = book[name] else { return }
        if let dkim { entry.dkim = dkim }
        if let mailFrom { entry.mailFrom = mailFrom }
        if let mailFromState { entry.mailFromState = mailFromState }
        book[name] = entry
    }
}

import Coding
import Mail

/// The body of `POST /admin/accounts/{name}/identities`.
struct RegistrationRequest: Decodable {
    let sender: SenderName
    /// Below the identity's domain: SES takes no other.
    let mailFrom: DomainName?

    private enum Keys: String, CodingKey, CaseIterable {
        case name
        case mailFrom = "mail_from"
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        func fault(_ key: Keys, _ detail: String) -> DecodingError {
            .dataCorruptedError(forKey: key, in: members, debugDescription: detail)
        }
        let text = try members.decode(String.self, forKey: .name)
        do throws(AddressError) {
            sender = try SenderName(parsing: text)
        } catch {
            throw fault(.name, error.message)
        }
        if let problem = DomainLook(sender.domain).fault { throw fault(.name, problem) }
        guard let below = try members.decodeIfPresent(String.self, forKey: .mailFrom) else {
            mailFrom = nil
            return
        }
        let domain: DomainName
        do throws(AddressError) {
            domain = try DomainName(parsing: below)
        } catch {
            throw fault(.mailFrom, error.message)
        }
        guard domain.isBelow(sender.domain) else {
            throw fault(
                .mailFrom,
                "must be a domain below \(sender.domain.ascii), such as bounce.\(sender.domain.ascii)"
            )
        }
        mailFrom = domain
    }
}

import Coding
import Mail

/// The body of `POST /erasures`.
struct ErasureRequest: Decodable {
    let email: EmailAddress

    private enum Keys: String, CodingKey, CaseIterable {
        case email
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        func fault(_ detail: String) -> DecodingError {
            .dataCorruptedError(forKey: .email, in: members, debugDescription: detail)
        }
        let text = try members.decode(String.self, forKey: .email)
        do throws(AddressError) {
            email = try EmailAddress(parsing: text)
        } catch {
            throw fault(error.message)
        }
        guard email.displayName == nil else { throw fault("must be an address without a name") }
    }
}

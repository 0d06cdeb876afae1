import FoundationEssentials
import Hummingbird

/// The id of a tenant's object in a path or a query: a UUID as we write it, in lower case.
struct ObjectID: LosslessStringConvertible, Comparable, Sendable {
    let uuid: UUID

    init?(_ text: String) {
        guard let uuid = UUID(uuidString: text), uuid.uuidString.lowercased() == text else { return nil }
        self.uuid = uuid
    }

    var description: String { uuid.text }

    static func < (left: ObjectID, right: ObjectID) -> Bool { left.description < right.description }
}

extension UUID {
    /// As ids are written in answers.
    var text: String { uuidString.lowercased() }
}

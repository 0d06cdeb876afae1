import Coding
import Mail

/// Why an element of a document can't be read, and where it stands.
struct JSONFault: Error {
    /// From the outside in.
    private(set) var path: [String] = []
    let detail: String

    init(_ detail: String) {
        self.detail = detail
    }

    /// The same seen from the object or array that holds it.
    func inside(_ name: String) -> JSONFault {
        var fault = self
        fault.path.insert(name, at: 0)
        return fault
    }

    static func unknown(_ name: String, known: [String]) -> JSONFault {
        JSONFault("unknown member \(DecodingFault.quoted(name)); known are \(known.joined(separator: ", "))")
    }

    static func required(_ name: String) -> JSONFault {
        JSONFault("is required").inside(name)
    }

    var failure: ValidationFailure {
        ValidationFailure(pointer: DecodingFault.pointer(path.map { MemberName(stringValue: $0) }), detail: detail)
    }
}

/// What is wrong with the fragments of a document. Tests see it, clients never do.
struct APIDocumentError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

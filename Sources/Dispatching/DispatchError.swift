/// Something that stops one round of dispatching; the next one tries again.
struct DispatchError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

public import Capacity

extension Share {
    /// The paths of this share and of those below it, parents first.
    public func paths(below parent: String) -> [String] {
        let path = SharePath.child(name, of: parent)
        return [path] + children.flatMap { $0.paths(below: path) }
    }
}

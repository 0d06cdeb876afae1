import Capacity

/// Paths of shares below an account: names joined by slashes, "" for the account itself.
enum SharePath {
    static func parent(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }

    static func name(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }

    static func child(_ name: String, of path: String) -> String {
        path.isEmpty ? name : path + "/" + name
    }

    /// The share that a tenant's mail in a stream is charged to: the routed one, or its child named like the tenant,
    /// and of that the child named like the stream, where there are such.
    static func destination(
        of path: String,
        tenant: String,
        stream: String,
        in shares: [String: Int32]
    ) -> String {
        var destination = path
        for name in [tenant, stream] {
            let child = child(name, of: destination)
            if shares[child] != nil { destination = child }
        }
        return destination
    }
}

/// The streams that every route has a lane for.
enum StreamName {
    static let all = ["transactional", "bulk"]
}

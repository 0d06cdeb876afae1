import Mail

/// What is answered for one message.
enum SendAnswer {
    /// - Parameter status: nil when the database refuses the message.
    static func accepted(_ id: String, _ status: MessageStatus?) -> JSONValue {
        guard let status else { return refused(.refusedByDatabase()) }
        return .object([("id", .string(id)), ("status", .string(status.rawValue))])
    }

    static func refused(_ problem: Problem) -> JSONValue {
        .object([("error", problem.json())])
    }
}

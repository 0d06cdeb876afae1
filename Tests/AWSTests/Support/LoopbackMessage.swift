/// A request as it came in.
struct LoopbackRequest: Sendable {
    let method: String
    /// Path and query.
    let target: String
    /// In order, names in lower case.
    let headers: [(name: String, value: String)]
    var body: [UInt8] = []

    func header(_ name: String) -> String? {
        headers.first { $0.name == name.lowercased() }?.value
    }

    var text: String { String(decoding: body, as: UTF8.self) }
}

/// An answer to send.
struct LoopbackAnswer: Sendable {
    var status = 200
    var headers: [String: String] = [:]
    var body = ""
}

/// What a server does with a request.
enum LoopbackReply: Sendable {
    /// Read the body, then answer.
    case answer(LoopbackAnswer)
    /// Answer before the body is read.
    case early(LoopbackAnswer)
    /// Close the connection without an answer.
    case hangUp(afterBody: Bool)
    /// Read the body and never answer.
    case silence

    static func status(_ status: Int, _ body: String = "", headers: [String: String] = [:]) -> LoopbackReply {
        .answer(LoopbackAnswer(status: status, headers: headers, body: body))
    }
}

import NIOHTTP1

/// Somebody who is signed in at a dashboard and reads as a browser does: a page, then its news, or the page again.
struct PageReader: Sendable {
    private let peer: HTTPPeer
    private let cookie: String

    static func signIn(_ peer: HTTPPeer, key: String) async throws -> PageReader {
        var cookie: String?
        // A new key is known within two seconds.
        try await eventually("signed in at \(peer.port)", every: 0.5) {
            let answer = try await peer.send(
                .POST,
                "/dashboard/sign-in",
                headers: [
                    ("Content-Type", "application/x-www-form-urlencoded"),
                    ("Origin", "http://127.0.0.1:\(peer.port)"),
                ],
                body: Array("key=\(key)".utf8)
            )
            cookie = answer.status == 303 ? answer.cookie : nil
            return cookie != nil
        }
        guard let cookie else { throw Failure("signing in set no cookie") }
        return PageReader(peer: peer, cookie: cookie)
    }

    /// Keeps a page open until it is cancelled.
    func read(_ path: String) async throws {
        let text = try await peer.get(path, headers: [("Cookie", cookie)]).text
        if let live = Self.attribute("data-live", of: text) {
            let connection = try await HTTPConnection.connect(port: peer.port)
            try await withTaskCancellationHandler {
                // It ends when it is closed, which is no answer.
                _ = try? await connection.send(.GET, live, headers: [("Cookie", cookie)], timeout: 600)
                guard Task.isCancelled else { throw Failure("the news of \(path) ended") }
            } onCancel: {
                connection.close()
            }
        } else if let refresh = Self.attribute("data-refresh", of: text).flatMap({ Double($0) }) {
            while !Task.isCancelled {
                try await pause(refresh)
                _ = try await peer.get(path, headers: [("Cookie", cookie), ("X-Refresh", "1")])
            }
        } else {
            throw Failure("\(path) has neither news nor a time to be read again")
        }
    }

    private static func attribute(_ name: String, of text: String) -> String? {
        guard let start = text.firstRange(of: "\(name)=\"")?.upperBound else { return nil }
        return String(text[start...].prefix { $0 != "\"" })
    }
}

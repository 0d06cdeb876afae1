import Glibc
import Outbound
import Synchronization
import Testing

/// Runs `body` with a client and shuts it down afterwards.
func withClient(
    _ configuration: HTTPClient.Configuration = .init(),
    _ body: (HTTPClient) async throws -> Void
) async throws {
    let client = try HTTPClient(configuration: configuration)
    do {
        try await body(client)
    } catch {
        await client.shutdown()
        throw error
    }
    await client.shutdown()
}

extension HTTPClient {
    /// The error of a call that must fail.
    func failure(_ request: OutboundRequest) async throws -> OutboundError {
        let response: OutboundResponse
        do {
            response = try await send(request)
        } catch {
            return error
        }
        throw UnexpectedAnswer(status: response.status)
    }
}

struct UnexpectedAnswer: Error {
    let status: Int
}

/// Waits until `condition` holds; a test whose condition never holds fails after a minute.
func eventually(_ comment: Comment, _ condition: () -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(60)
    while !condition() {
        try #require(ContinuousClock.now < end, comment)
        try await Task.sleep(for: .milliseconds(2))
    }
}

extension OutboundRequest {
    static func get(_ url: String) -> OutboundRequest {
        OutboundRequest(method: .get, url: url)
    }

    static func post(_ url: String, _ body: [UInt8]) -> OutboundRequest {
        OutboundRequest(method: .post, url: url, headers: ["Content-Type": "application/json"], body: body)
    }

    static func post(_ url: String, _ body: String) -> OutboundRequest {
        post(url, Array(body.utf8))
    }
}

/// A gate that a test opens and a server's script waits at.
final class Gate: Sendable {
    private let isOpen = Mutex(false)

    func open() { isOpen.withLock { $0 = true } }

    /// Blocks the script's thread.
    func wait() {
        while !isOpen.withLock({ $0 }) { usleep(1000) }
    }
}

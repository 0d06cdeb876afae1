import Foundation
import NIOHTTP1
import Synchronization

/// A port of this machine, with the idle connections to it.
final class HTTPPeer: Sendable {
    let port: Int
    private let idle = Mutex<[HTTPConnection]>([])

    init(port: Int) {
        self.port = port
    }

    func send(
        _ method: HTTPMethod,
        _ path: String,
        headers: [(String, String)] = [],
        body: [UInt8]? = nil,
        timeout: Double = 60
    ) async throws(HTTPFailure) -> HTTPAnswer {
        let kept = idle.withLock { idle in
            idle.removeAll { !$0.isOpen }
            return idle.popLast()
        }
        let connection: HTTPConnection
        if let kept { connection = kept } else { connection = try await HTTPConnection.connect(port: port) }
        let answer = try await connection.send(method, path, headers: headers, body: body, timeout: timeout)
        idle.withLock { $0.append(connection) }
        return answer
    }

    /// Wants 200.
    func get(_ path: String, headers: [(String, String)] = []) async throws -> HTTPAnswer {
        let answer = try await send(.GET, path, headers: headers)
        guard answer.status == 200 else { throw Failure("GET \(path) answered \(answer.status): \(answer.text)") }
        return answer
    }

    func close() {
        for connection in idle.withLock({ idle in
            defer { idle = [] }
            return idle
        }) { connection.close() }
    }
}

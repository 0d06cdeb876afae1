import Foundation
import Logging
import Outbound

/// HTTP to the processes of a test.
enum LocalHTTP {
    private static let client = Result {
        try HTTPClient(configuration: .init(connectionMaxIdle: .seconds(5)), logger: quiet)
    }

    private static var quiet: Logger {
        var logger = Logger(label: "test.http")
        logger.logLevel = .critical
        return logger
    }

    static func send(
        _ method: HTTPMethod,
        _ url: String,
        headers: HeaderFields = [:],
        body: [UInt8]? = nil
    ) async throws -> OutboundResponse {
        try await client.get().send(
            OutboundRequest(
                method: method,
                url: url,
                headers: headers,
                body: body,
                timeouts: Timeouts(response: .seconds(60), total: .seconds(90)),
                maxResponseBytes: 256 << 20
            )
        )
    }

    /// The answer's JSON. Like a decent client, asks again for a while when the answer is 503.
    static func get<Answer: Decodable>(
        _ url: String,
        headers: HeaderFields = [:],
        as type: Answer.Type
    ) async throws -> Answer {
        var answer = try await send(.get, url, headers: headers)
        for _ in 0..<50 where answer.status == 503 {
            try await Task.sleep(for: .milliseconds(200))
            answer = try await send(.get, url, headers: headers)
        }
        guard answer.status == 200 else {
            throw TestFailure("GET \(url) answered \(answer.status): \(String(decoding: answer.body, as: UTF8.self))")
        }
        return try JSONDecoder().decode(type, from: Data(answer.body))
    }
}

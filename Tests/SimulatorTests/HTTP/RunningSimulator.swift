import Foundation
import FoundationNetworking
import Logging
import ServiceLifecycle
import Testing

@testable import Simulator

/// A simulator on a free port of loopback, for as long as a test's body runs.
struct RunningSimulator: Sendable {
    struct Answer {
        let status: Int
        let headers: [String: String]
        let body: Data

        var text: String { String(decoding: body, as: UTF8.self) }

        func json() throws -> [String: Any] {
            try #require(try JSONSerialization.jsonObject(with: body) as? [String: Any])
        }
    }

    let server: SimulatorServer
    let port: Int
    /// Begins the graceful shutdown that otherwise follows the body.
    let stop: @Sendable () async -> Void

    static func run<Value: Sendable>(
        _ options: SimulatorOptions = SimulatorOptions(rate: 1e6, daily: -1),
        _ body: @Sendable (RunningSimulator) async throws -> Value
    ) async throws -> Value {
        var options = options
        options.port = 0
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let (ports, found) = AsyncStream<Int>.makeStream()
        let server = try SimulatorServer(options: options, logger: logger) { port in
            found.yield(port)
            found.finish()
        }
        let group = ServiceGroup(configuration: .init(services: [server], logger: logger))
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { found.finish() }
                try await group.run()
            }
            let port = try #require(await ports.first { _ in true })
            let running = RunningSimulator(server: server, port: port, stop: { await group.triggerGracefulShutdown() })
            let result: Result<Value, any Error>
            do {
                result = .success(try await body(running))
            } catch {
                result = .failure(error)
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return try result.get()
        }
    }

    /// One request on a connection of its own.
    func request(
        _ method: String,
        _ path: String,
        body: Data? = nil,
        isSigned: Bool = true,
        timeout: TimeInterval = 30
    ) async throws -> Answer {
        var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(port)\(path)")))
        request.httpMethod = method
        request.httpBody = body
        request.timeoutInterval = timeout
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        if isSigned { request.setValue("AWS4-HMAC-SHA256 Credential=x", forHTTPHeaderField: "Authorization") }
        let session = URLSession(configuration: .ephemeral)
        defer { session.invalidateAndCancel() }
        let (data, response) = try await Self.data(for: request, by: session)
        let http = try #require(response as? HTTPURLResponse)
        var headers: [String: String] = [:]
        for (name, value) in http.allHeaderFields { headers["\(name)".lowercased()] = "\(value)" }
        return Answer(status: http.statusCode, headers: headers, body: data)
    }

    /// On a busy machine a connection among thousands may not come about; nothing was sent then.
    private static func data(for request: URLRequest, by session: URLSession) async throws -> (Data, URLResponse) {
        for _ in 0..<3 {
            do {
                return try await session.data(for: request)
            } catch let error as URLError where error.code == .cannotConnectToHost {
                try await Task.sleep(for: .milliseconds(100))
            }
        }
        return try await session.data(for: request)
    }

    func send(_ message: String, timeout: TimeInterval = 30) async throws -> Answer {
        try await request("POST", "/v2/email/outbound-emails", body: Data(message.utf8), timeout: timeout)
    }

    func ledger() async throws -> [[String: Any]] { try await lines("ledger") }

    /// The NDJSON of one of the simulator's routes.
    func lines(_ route: String) async throws -> [[String: Any]] {
        let answer = try await request("GET", "/_simulator/\(route)", timeout: 120)
        return try answer.text.split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
    }

    func put(_ route: String, _ document: String) async throws -> Answer {
        try await request("PUT", "/_simulator/\(route)", body: Data(document.utf8))
    }

    /// A valid `SendEmail` body.
    static func message(to: String = "a@example.com", id: String = "row-1", attempt: Int = 1) -> String {
        """
        {"FromEmailAddress":"s@example.com","Destination":{"ToAddresses":["\(to)"]},\
        "Content":{"Simple":{"Subject":{"Data":"s"},"Body":{"Text":{"Data":"t"}}}},\
        "EmailTags":[{"Name":"sluice-id","Value":"\(id)"},{"Name":"sluice-attempt","Value":"\(attempt)"}]}
        """
    }
}

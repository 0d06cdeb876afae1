import Outbound

/// A running `sluice serve`.
struct Node: Sendable {
    struct Ports: Sendable {
        let tenants: Int
        let operators: Int
    }

    let ports: Ports
    let process: ChildProcess

    var url: String { "http://127.0.0.1:\(ports.tenants)" }

    /// Whether it has become the one that leads an account, at some time.
    var hasLed: Bool { process.lines().contains { $0.contains(#""msg":"leading the account""#) } }

    /// What it is called in the cluster's tables.
    var name: String? {
        process.lines().last { $0.contains("node has a lease") }?.split(separator: #""node":""#).last?
            .split(separator: "\"").first.map(String.init)
    }

    func status(of path: String) async throws -> Int {
        try await LocalHTTP.send(.get, url + path).status
    }
}

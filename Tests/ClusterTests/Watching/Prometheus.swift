import Foundation
import Outbound

/// A real Prometheus that scrapes nodes of a cluster and knows the rules of deploy/prometheus.
struct Prometheus {
    static let program = ["/usr/bin/prometheus", "/usr/local/bin/prometheus"]
        .first(where: FileManager.default.isExecutableFile(atPath:))

    private struct Answer<Value: Decodable>: Decodable {
        let status: String
        let data: Value
    }

    struct Rules: Decodable {
        struct Group: Decodable {
            struct Rule: Decodable {
                let name: String
                let query: String
                let health: String
                let lastError: String?
            }

            let name: String
            let rules: [Rule]
        }

        let groups: [Group]
    }

    struct Result: Decodable {
        struct Sample: Decodable {
            let metric: [String: String]
        }

        let result: [Sample]
    }

    let url: String

    static func with(targets: [Int], folder: URL, _ body: (Prometheus) async throws -> Void)
        async throws
    {
        guard let program else { throw TestFailure("prometheus is not installed") }
        let rules = MetricsPage.checkout.appending(path: "deploy/prometheus/alerts.yaml").path()
        let list = targets.map { "\"127.0.0.1:\($0)\"" }.joined(separator: ", ")
        let configuration = """
            global: {scrape_interval: 1s, evaluation_interval: 1s}
            rule_files: ["\(rules)"]
            scrape_configs: [{job_name: sluice, static_configs: [{targets: [\(list)]}]}]
            """
        let file = folder.appending(path: "prometheus.yaml")
        try Data(configuration.utf8).write(to: file)
        let port = try await FreePort.next()
        let child = try await ChildProcess(
            name: "prometheus",
            Program(
                path: program,
                arguments: [
                    "--config.file=\(file.path())",
                    "--storage.tsdb.path=\(folder.appending(path: "tsdb").path())",
                    "--web.listen-address=127.0.0.1:\(port)",
                ],
                environment: ["PATH": "/usr/bin:/bin", "HOME": folder.path()]
            ),
            folder: folder
        )
        defer { child.dispose() }
        let prometheus = Prometheus(url: "http://127.0.0.1:\(port)")
        try await eventually("prometheus is ready", every: .milliseconds(100)) {
            guard child.isRunning else {
                throw TestFailure("prometheus has ended: \(child.lines().suffix(5))")
            }
            return (try? await LocalHTTP.send(.get, prometheus.url + "/-/ready"))?.status == 200
        }
        try await body(prometheus)
    }

    func rules() async throws -> Rules {
        try await LocalHTTP.get(url + "/api/v1/rules", as: Answer<Rules>.self).data
    }

    /// The names of all series that it has.
    func names() async throws -> Set<String> {
        Set(
            try await LocalHTTP.get(url + "/api/v1/label/__name__/values", as: Answer<[String]>.self).data
        )
    }

    /// - Throws: `TestFailure` with Prometheus's words when it cannot read the query.
    func query(_ query: String) async throws -> [Result.Sample] {
        var characters = CharacterSet.alphanumerics
        characters.insert(charactersIn: "-._~")
        let text = query.addingPercentEncoding(withAllowedCharacters: characters) ?? ""
        return try await LocalHTTP.get(url + "/api/v1/query?query=\(text)", as: Answer<Result>.self)
            .data.result
    }
}

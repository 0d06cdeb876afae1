import Foundation

/// The queries of deploy/grafana/sluice.json, with values in the place of its variables.
struct DashboardQueries {
    private struct Dashboard: Decodable {
        struct Panel: Decodable {
            struct Target: Decodable {
                let expr: String
            }

            let targets: [Target]?
        }

        let panels: [Panel]
    }

    let all: [String]

    init() throws {
        let file = MetricsPage.checkout.appending(path: "deploy/grafana/sluice.json")
        let dashboard = try JSONDecoder().decode(Dashboard.self, from: Data(contentsOf: file))
        all = dashboard.panels.flatMap { $0.targets ?? [] }.map { target in
            target.expr.replacing("$account", with: ".*").replacing("$node", with: ".*")
                .replacing("$__rate_interval", with: "1m").replacing("$__range", with: "5m")
        }
    }
}

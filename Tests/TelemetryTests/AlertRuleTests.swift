import Foundation
import Testing

/// deploy/prometheus: its rules by Prometheus's own checker, and the page that says what to do.
struct AlertRuleTests {
    private static let program = ["/usr/bin/promtool", "/usr/local/bin/promtool"]
        .first(where: FileManager.default.isExecutableFile(atPath:))
    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    @Test(
        "The rules, their unit tests and the scrape are good",
        .enabled(if: program != nil, "promtool (Debian's package prometheus) is not installed"),
        arguments: [
            ["check", "rules", "--lint-fatal", "alerts.yaml"], ["test", "rules", "alerts_test.yaml"],
            ["check", "config", "--lint-fatal", "prometheus.yaml"],
        ]
    )
    func rules(arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: try #require(Self.program))
        process.arguments = arguments
        process.currentDirectoryURL = Self.root.appending(path: "deploy/prometheus")
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let answer = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(String(decoding: answer, as: UTF8.self))")
    }

    @Test(
        "Each alert has a place in docs/alerts.md, a case in which it fires and one in which it does not"
    )
    func pages() throws {
        let rules = try Self.text("deploy/prometheus/alerts.yaml")
        let page = try Self.text("docs/alerts.md")
        let cases = try Self.text("deploy/prometheus/alerts_test.yaml")
        let blocks = rules.split(separator: "      - alert: ").dropFirst()
        #expect(blocks.count > 40)
        let names = blocks.map { String($0.prefix { $0 != "\n" }) }
        for (name, block) in zip(names, blocks) {
            #expect(
                block.contains("\n          runbook_url: docs/alerts.md#\(name.lowercased())\n"),
                "\(name)"
            )
            #expect(block.contains(#/severity: (critical|warning|info)\}/#), "\(name)")
            #expect(
                block.contains("\n          summary: ") && block.contains("\n          description: "),
                "\(name)"
            )
            #expect(page.contains("\n### \(name)\n\n`"), "\(name) is not in docs/alerts.md")
            #expect(
                cases.contains("- name: \(name) fires\n") && cases.contains("- name: \(name) is quiet\n"),
                "\(name)"
            )
        }
        let described = page.matches(of: #/\n### (\w+)\n/#).map { String($0.output.1) }
        #expect(described == names)
        for link in page.matches(of: #/\]\(#(\w+)\)/#).map({ String($0.output.1) }) {
            #expect(names.contains { $0.lowercased() == link }, "\(link)")
        }
    }
}

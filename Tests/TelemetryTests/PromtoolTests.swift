import CoreMetrics
import Foundation
import Telemetry
import Testing

/// Prometheus's own checker as the referee.
struct PromtoolTests {
    private static let program = ["/usr/bin/promtool", "/usr/local/bin/promtool"]
        .first(where: FileManager.default.isExecutableFile(atPath:))

    @Test(.enabled(if: program != nil, "promtool (Debian's package prometheus) is not installed"))
    func acceptsTheExposition() throws {
        let metrics = PrometheusMetrics(
            declarations: [
                .counter(
                    "sluice.messages.accepted",
                    help: "Messages accepted,\nby \\ kind.",
                    series: [["kind": "raw"]]
                ),
                .timer("sluice.send.duration", help: "Time of a call to SES."),
                .gauge("sluice.queue.depth", help: "Rows that wait.", series: [[:]]),
            ],
            seriesLimit: 2,
            includesProcess: true
        )
        Timer(label: "sluice.send.duration", dimensions: [("outcome", "sent \"x\" \\ \n ä")], factory: metrics)
            .recordMilliseconds(7)
        for index in 0..<4 {
            Counter(label: "sluice.messages.accepted", dimensions: [("kind", "k\(index)")], factory: metrics)
                .increment()
        }
        let (status, output) = try check(metrics.render())
        #expect(status == 0, "\(output)")
        #expect(output.isEmpty)
    }

    @Test(.enabled(if: program != nil, "promtool (Debian's package prometheus) is not installed"))
    func theRefereeCanSayNo() throws {
        #expect(try check(Array("# TYPE x counter\nx{a=} 1\n".utf8)).status != 0)
    }

    private func check(_ text: [UInt8]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Self.program))
        process.arguments = ["check", "metrics"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(text))
        try input.fileHandleForWriting.close()
        let answer = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: answer, as: UTF8.self))
    }
}

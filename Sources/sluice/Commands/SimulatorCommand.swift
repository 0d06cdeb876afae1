import ArgumentParser
import Foundation
import Logging
import ServiceLifecycle
import Simulator
import UnixSignals

struct SimulatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulator",
        abstract: "Run an SES that refuses every send above its rate, on loopback."
    )

    @Option(name: .long, help: "The port on 127.0.0.1; 0 takes a free one.")
    var port = 8090

    @Option(name: .long, help: "Recipients per second.")
    var rate = 50.0

    @Option(name: .long, parsing: .unconditional, help: "Recipients per rolling 24 hours; -1 for no limit.")
    var daily = 50_000

    @Option(name: .long, help: "How long SES takes to answer, such as 30ms..80ms.")
    var latency = "0ms"

    @Option(name: .long, help: "A YAML file of faults (config/simulator-faults.example.yaml).")
    var faults: String?

    @Option(name: .long, help: "Seeds latencies, faults and what becomes of mail.")
    var seed: UInt64 = 1

    @OptionGroup(title: "Events") var events: EventFlags

    func run() async throws {
        LogSetup.bootstrap()
        var options = SimulatorOptions(port: port, rate: rate, daily: daily, seed: seed)
        options.latency = try LatencyRange(parsing: latency)
        if let faults {
            guard let text = try? String(contentsOf: URL(filePath: faults), encoding: .utf8) else {
                throw CommandFailure("the file of faults '\(faults)' cannot be read")
            }
            options.faults = try FaultRules(parsing: text)
        }
        options.events = try events.options()
        let logger = Logger(label: "sluice.simulator")
        let server = try SimulatorServer(options: options, logger: logger) { port in
            logger.info("simulating SES", metadata: ["url": "http://127.0.0.1:\(port)", "rate": "\(rate)"])
        }
        try await ServiceGroup(
            services: [server],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        ).run()
    }
}

import Foundation
import Logging
import Telemetry

/// Chooses how this process logs: JSON lines, or lines for people on a terminal.
enum LogSetup {
    static func bootstrap() {
        let level = Logger.Level(rawValue: ProcessInfo.processInfo.environment["SLUICE_LOG_LEVEL"] ?? "info") ?? .info
        let forPeople =
            ConsoleLogHandler.isTerminal && ProcessInfo.processInfo.environment["SLUICE_LOG_FORMAT"] != "json"
        // What was logged last is what one looks for when a process has ended.
        atexit {
            LogOutput.standardOutput.flush()
            LogOutput.standardError.flush()
        }
        // Lines that a request's own logger does not write say all the same what they belong to.
        let trace = Logger.MetadataProvider {
            guard let span = TraceContext.current else { return [:] }
            return ["trace_id": "\(span.traceID)", "span_id": "\(span.spanID)"]
        }
        LoggingSystem.bootstrap { label in
            var handler: any LogHandler = forPeople ? ConsoleLogHandler(label: label) : JSONLogHandler(label: label)
            handler.metadataProvider = trace
            handler.logLevel = level
            return handler
        }
    }
}

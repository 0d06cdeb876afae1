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
        LoggingSystem.bootstrap { label in
            var handler: any LogHandler = forPeople ? ConsoleLogHandler(label: label) : JSONLogHandler(label: label)
            handler.logLevel = level
            return handler
        }
    }
}

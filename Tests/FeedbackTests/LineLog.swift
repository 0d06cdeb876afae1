import Logging

/// Writes each line's message and its count of failures.
struct LineLog: LogHandler {
    let lines: @Sendable (String) -> Void
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.debug

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        lines("\(event.message) \(event.metadata?["failures"].map { "\($0)" } ?? "")")
    }
}

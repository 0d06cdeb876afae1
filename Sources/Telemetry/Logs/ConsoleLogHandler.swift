public import FoundationEssentials
import Glibc
public import Logging

/// Logs lines for a person at a terminal: `04:05:06.789 warn  label: message key=value`.
public struct ConsoleLogHandler: LogHandler {
    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?
    public var logLevel: Logger.Level

    private let label: String
    private let output: LogOutput
    private let isColored: Bool
    private let now: @Sendable () -> Date

    /// - Parameters:
    ///   - isColored: by default, when standard error is a terminal and `NO_COLOR` is not set.
    ///   - now: the clock, for tests.
    public init(
        label: String,
        level: Logger.Level = .info,
        output: LogOutput = .standardError,
        isColored: Bool = ConsoleLogHandler.isTerminal,
        metadataProvider: Logger.MetadataProvider? = nil,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.label = label
        self.output = output
        self.isColored = isColored
        self.now = now
        self.metadataProvider = metadataProvider
        logLevel = level
    }

    /// Whether standard error is a terminal that wants colours (https://no-color.org).
    public static let isTerminal =
        isatty(STDERR_FILENO) == 1 && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var line = LogTime(now()).clock
        line += " \(styled(Self.name(event.level), Self.color(event.level))) ".utf8
        line += "\(styled(Self.plain(label), "2")): \(Self.plain(event.message.description))".utf8
        if let error = event.error { line += " error=\(Self.quoted("\(error)"))".utf8 }
        let flat = FlatMetadata(base: metadata, provided: metadataProvider?.get(), explicit: event.metadata)
        for (key, value) in flat.pairs {
            line += " \(styled(Self.plain(key) + "=", "2"))\(Self.quoted(Self.text(value)))".utf8
        }
        line.append(UInt8(ascii: "\n"))
        output.writeLine(line)
    }

    private func styled(_ text: String, _ code: String) -> String {
        isColored ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }

    private static func name(_ level: Logger.Level) -> String {
        switch level {
        case .trace: "trace "
        case .debug: "debug "
        case .info: "info  "
        case .notice: "notice"
        case .warning: "warn  "
        case .error: "error "
        case .critical: "CRIT  "
        }
    }

    private static func color(_ level: Logger.Level) -> String {
        switch level {
        case .trace, .debug: "2"
        case .info, .notice: "32"
        case .warning: "33"
        case .error, .critical: "31"
        }
    }

    private static func text(_ value: FlatMetadata.Value) -> String {
        switch value {
        case .text(let text): text
        case .list(let values): "[" + values.map(text).joined(separator: ", ") + "]"
        }
    }

    /// In quotes where a blank, a quote or nothing at all would make the value's end unclear.
    private static func quoted(_ text: String) -> String {
        let isClear = !text.isEmpty && !text.contains { $0 == " " || $0 == "\"" || $0 == "=" }
        return isClear ? plain(text) : "\"\(plain(text).replacing("\"", with: "\\\""))\""
    }

    /// Control characters escaped, so that a value can neither break the line nor steer the terminal.
    private static func plain(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: JSONText.needsEscape) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if JSONText.needsEscape(scalar) {
                result += scalar.escaped(asASCII: true)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

public import FoundationEssentials
public import Logging

/// Logs one JSON object a line: `ts` (RFC 3339, UTC, milliseconds), `level`, `label`, `msg`, `error` where the call carries one,
/// then the metadata by key. A metadata key that one of those names has in the same line gets the prefix `metadata.`.
public struct JSONLogHandler: LogHandler {
    private static let reserved: Set<String> = ["ts", "level", "label", "msg"]

    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?
    public var logLevel: Logger.Level

    private let label: String
    private let output: LogOutput
    private let now: @Sendable () -> Date

    /// - Parameter now: the clock, for tests.
    public init(
        label: String,
        level: Logger.Level = .info,
        output: LogOutput = .standardOutput,
        metadataProvider: Logger.MetadataProvider? = nil,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.label = label
        self.output = output
        self.now = now
        self.metadataProvider = metadataProvider
        logLevel = level
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var line: [UInt8] = []
        line.reserveCapacity(256)
        line += "{\"ts\":\"".utf8
        line += LogTime(now()).text
        line += "\",\"level\":\"".utf8
        line += event.level.rawValue.utf8
        line += "\",\"label\":".utf8
        JSONText.append(label, to: &line)
        line += ",\"msg\":".utf8
        JSONText.append(event.message.description, to: &line)
        if let error = event.error {
            line += ",\"error\":".utf8
            JSONText.append("\(error)", to: &line)
        }
        let flat = FlatMetadata(base: metadata, provided: metadataProvider?.get(), explicit: event.metadata)
        for (key, value) in flat.pairs {
            line.append(UInt8(ascii: ","))
            let isTaken = Self.reserved.contains(key) || (key == "error" && event.error != nil)
            JSONText.append(isTaken ? "metadata.\(key)" : key, to: &line)
            line.append(UInt8(ascii: ":"))
            Self.append(value, to: &line)
        }
        line += "}\n".utf8
        output.writeLine(line)
    }

    private static func append(_ value: FlatMetadata.Value, to line: inout [UInt8]) {
        switch value {
        case .text(let text):
            JSONText.append(text, to: &line)
        case .list(let values):
            line.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { line.append(UInt8(ascii: ",")) }
                append(value, to: &line)
            }
            line.append(UInt8(ascii: "]"))
        }
    }
}

/// Spans as OTLP/HTTP takes them in JSON (opentelemetry.io/docs/specs/otlp): ids in hexadecimal, 64-bit numbers as texts,
/// enumerations as numbers.
public struct OTLPDocument {
    public let bytes: [UInt8]

    /// - Parameter resource: what says whose spans these are, such as `service.name`.
    public init(_ spans: [TraceSpan], resource: [(key: String, value: TraceSpan.Value)]) {
        var text: [UInt8] = []
        text.reserveCapacity(256 + spans.count * 512)
        text += "{\"resourceSpans\":[{\"resource\":{".utf8
        Self.append(resource, to: &text)
        text += "},\"scopeSpans\":[{\"scope\":{\"name\":\"sluice\"},\"spans\":[".utf8
        for (index, span) in spans.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            Self.append(span, to: &text)
        }
        text += "]}]}]}".utf8
        bytes = text
    }

    private static func append(_ span: TraceSpan, to text: inout [UInt8]) {
        text += "{\"traceId\":\"\(span.context.traceID)\",\"spanId\":\"\(span.context.spanID)\"".utf8
        if let parent = span.parent { text += ",\"parentSpanId\":\"\(parent.spanID)\"".utf8 }
        text += ",\"flags\":1,\"name\":".utf8
        JSONText.append(span.name, to: &text)
        text += ",\"kind\":\(span.kind.rawValue),\"startTimeUnixNano\":\"\(span.start)\"".utf8
        text += ",\"endTimeUnixNano\":\"\(span.end)\",".utf8
        append(span.attributes, to: &text)
        if !span.links.isEmpty {
            let links = span.links.map { "{\"traceId\":\"\($0.traceID)\",\"spanId\":\"\($0.spanID)\"}" }
            text += ",\"links\":[\(links.joined(separator: ","))]".utf8
        }
        if let failure = span.failure {
            text += ",\"status\":{\"code\":2,\"message\":".utf8
            JSONText.append(failure, to: &text)
            text += "}".utf8
        }
        text.append(UInt8(ascii: "}"))
    }

    private static func append(
        _ attributes: [(key: String, value: TraceSpan.Value)],
        to text: inout [UInt8]
    ) {
        text += "\"attributes\":[".utf8
        for (index, attribute) in attributes.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            text += "{\"key\":".utf8
            JSONText.append(attribute.key, to: &text)
            switch attribute.value {
            case .text(let value):
                text += ",\"value\":{\"stringValue\":".utf8
                JSONText.append(value, to: &text)
                text += "}}".utf8
            case .number(let value): text += ",\"value\":{\"intValue\":\"\(value)\"}}".utf8
            }
        }
        text.append(UInt8(ascii: "]"))
    }
}

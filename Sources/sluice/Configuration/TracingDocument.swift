import Coding

/// `tracing:` of a configuration file.
struct TracingDocument: Decodable {
    let tracing: NodeConfiguration.Tracing

    private enum Keys: String, CodingKey, CaseIterable {
        case endpoint, sample
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        var tracing = NodeConfiguration.Tracing(
            endpoint: try members.decode(String.self, forKey: .endpoint)
        )
        guard tracing.endpoint.wholeMatch(of: #/https?://[^\s/?#@]+(?:/[^\s#]*)?/#) != nil else {
            throw DecodingError.dataCorruptedError(
                forKey: .endpoint,
                in: members,
                debugDescription: "must be a URL such as http://127.0.0.1:4318/v1/traces"
            )
        }
        tracing.sample = try members.decodeIfPresent(Double.self, forKey: .sample) ?? tracing.sample
        guard (0...1).contains(tracing.sample) else {
            throw DecodingError.dataCorruptedError(
                forKey: .sample,
                in: members,
                debugDescription: "must be from 0 to 1"
            )
        }
        self.tracing = tracing
    }
}

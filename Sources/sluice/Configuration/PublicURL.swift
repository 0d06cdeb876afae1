/// Where the public listener is reached from outside: a scheme, a host and perhaps a port. There is nothing behind them: what
/// the gateway links to begins at `/`.
struct PublicURL: Decodable, Sendable {
    /// Without a slash at its end.
    let text: String

    init?(_ text: String) {
        guard let match = text.wholeMatch(of: #/(https?://(?:[A-Za-z0-9.\-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?)/?/#)
        else { return nil }
        self.text = String(match.output.1)
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let url = PublicURL(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "must be a scheme and a host without a path, such as https://send.example.com"
            )
        }
        self = url
    }
}

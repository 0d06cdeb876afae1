/// The account and the region that events speak of: those of the topic.
struct AmazonNames: Sendable {
    let region: String
    let account: String

    /// Throws `invalidOption` where `topic` is not `arn:aws:sns:REGION:ACCOUNT:NAME`.
    init(topic: String) throws(SimulatorError) {
        let parts = topic.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 6, parts[0] == "arn", parts[2] == "sns", !parts[3].isEmpty, !parts[4].isEmpty,
            !parts[5].isEmpty, topic.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else {
            throw SimulatorError(.invalidOption, "topic is \"\(topic)\"; expected arn:aws:sns:REGION:ACCOUNT:NAME")
        }
        region = parts[3]
        account = parts[4]
    }

    func identity(_ domain: String) -> String { "arn:aws:ses:\(region):\(account):identity/\(domain)" }

    func configurationSet(_ name: String) -> String { "arn:aws:ses:\(region):\(account):configuration-set/\(name)" }
}

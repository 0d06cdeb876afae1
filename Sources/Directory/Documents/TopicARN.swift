/// What an account's topic must be called: SES publishes to standard topics of its own region only.
enum TopicARN {
    /// What is wrong with a topic's ARN for an account in `region`; nil for nothing.
    static func problem(_ text: String, region: String) -> String? {
        let form = "must be a topic's ARN, such as arn:aws:sns:\(region):123456789012:sluice"
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 6, isPartition(parts[1]), parts[0] == "arn", parts[2] == "sns" else { return form }
        guard parts[4].utf8.count == 12, parts[4].utf8.allSatisfy(isDigit) else {
            return form + ": the account's number has 12 digits"
        }
        guard parts[3] == region else { return "must be a topic in the account's region, which is \(region)" }
        guard !parts[5].hasSuffix(".fifo") else { return "must be a standard topic: SES publishes to no FIFO topic" }
        guard (1...256).contains(parts[5].utf8.count),
            parts[5].utf8.allSatisfy({ isLetter($0) || isDigit($0) || $0 == 0x5F })
        else { return form + ": its name has letters, digits, '-' and '_'" }
        return nil
    }

    /// `aws`, `aws-cn`, `aws-us-gov` and others to come.
    private static func isPartition(_ text: Substring) -> Bool {
        text.hasPrefix("aws") && text.utf8.allSatisfy { isLetter($0) || isDigit($0) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    /// Or a hyphen.
    private static func isLetter(_ byte: UInt8) -> Bool { byte == 0x2D || (0x61...0x7A).contains(byte | 0x20) }
}

import Mail

/// What an identity of SES must be called, for sending authorization: an identity of another AWS account lives in the region of
/// the account that sends.
enum IdentityARN {
    /// What is wrong with an identity's ARN for an account in `region` and a sender; nil for nothing.
    static func problem(_ text: String, region: String, sender: SenderName) -> String? {
        if let problem = Self.problem(text, sender: sender) { return problem }
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        return parts[3] == region ? nil : "must be an identity in the account's region, which is \(region)"
    }

    /// The same where the region is not known.
    static func problem(_ text: String, sender: SenderName) -> String? {
        let form =
            "must be an identity's ARN, such as arn:aws:ses:eu-central-1:123456789012:identity/\(sender.domain.ascii)"
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts[1].hasPrefix("aws"), parts[1].utf8.allSatisfy(isNameByte),
            parts[2] == "ses", !parts[3].isEmpty, parts[3].utf8.allSatisfy(isNameByte)
        else { return form }
        guard parts[4].utf8.count == 12, parts[4].utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return form + ": the account's number has 12 digits"
        }
        guard parts[5].hasPrefix("identity/"), let name = try? SenderName(parsing: parts[5].dropFirst(9)) else {
            return form
        }
        guard sender.isCovered(by: name) else {
            return "must be the identity of \(sender.text), or of a domain that it is below"
        }
        return nil
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D
    }
}

/// A role to assume.
struct RoleRequest {
    /// What CloudTrail calls our sessions, unless a profile or the environment names them.
    static let defaultSessionName = "sluice"

    let roleARN: String
    let sessionName: String
    var externalID: String?
    var seconds: Int?

    /// - Throws: `configuration`, naming `place`, for what STS would refuse with less to say about it.
    init(
        roleARN: String,
        sessionName: String?,
        externalID: String? = nil,
        seconds: String? = nil,
        place: String
    ) throws(AWSError) {
        guard roleARN.hasPrefix("arn:"), roleARN.contains(":role/") else {
            throw AWSError(.configuration, "\(place): '\(roleARN)' is not the ARN of a role")
        }
        let name = sessionName ?? Self.defaultSessionName
        let allowed = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_+=,.@-".contains($0)) }
        guard allowed, (2...64).contains(name.utf8.count) else {
            throw AWSError(
                .configuration,
                "\(place): the role session name must have 2 to 64 characters out of letters, digits and _+=,.@-"
            )
        }
        if let seconds {
            guard let number = Int(seconds), (900...43_200).contains(number) else {
                throw AWSError(.configuration, "\(place): duration_seconds must be a number from 900 to 43200")
            }
            self.seconds = number
        }
        self.roleARN = roleARN
        self.sessionName = name
        self.externalID = externalID
    }

    /// The form parameters that both ways of assuming a role share.
    var parameters: [(name: String, value: String)] {
        var parameters = [(name: "RoleArn", value: roleARN), (name: "RoleSessionName", value: sessionName)]
        if let externalID { parameters.append((name: "ExternalId", value: externalID)) }
        if let seconds { parameters.append((name: "DurationSeconds", value: "\(seconds)")) }
        return parameters
    }
}

import Directory
import HTTPTypes
import Hummingbird

extension Account {
    /// The account as configured.
    var members: [(String, JSONValue)] {
        [
            ("name", .string(name)),
            ("aws_region", .string(awsRegion)),
            ("endpoint", .string(endpoint)),
            ("quota", quota.json),
            ("window", .string(window.rawValue)),
            ("configuration_set", .string(configurationSet)),
            ("credentials", credentials?.json ?? .null),
            ("sns_topics", .array(snsTopics.map(JSONValue.string))),
            ("sqs_queue_url", .string(sqsQueueURL)),
            ("mirror_suppressions", .bool(mirrorsSuppressions)),
            ("reputation", reputation.json),
            ("paused", .bool(isPaused)),
            ("version", .number(version)),
        ]
    }
}

extension AccountDocument.Quota {
    var json: JSONValue {
        switch self {
        case .auto: .string("auto")
        case .fixed(let rate, let daily, let evenOut):
            .object([("rate", .decimal(rate)), ("daily", .number(daily)), ("even_out", .bool(evenOut))])
        }
    }
}

extension AccountDocument.Credentials {
    fileprivate var json: JSONValue {
        switch self {
        case .profile(let name): .object([("profile", .string(name))])
        case .role(let arn): .object([("role_arn", .string(arn))])
        }
    }
}

extension AccountChange {
    /// What a dry run answers.
    var json: JSONValue { .object([("changes", list), ("version", .number(version))]) }

    var list: JSONValue {
        .array(
            changes.map { change in
                .object([
                    ("action", .string(change.action)), ("object", .string(change.object)),
                    ("detail", .string(change.detail)),
                ])
            }
        )
    }
}

extension Response {
    /// The answer with the account's version as its entity tag.
    func tagged(_ account: Account) -> Response {
        var response = self
        response.headers[.eTag] = "\"\(account.version)\""
        return response
    }
}

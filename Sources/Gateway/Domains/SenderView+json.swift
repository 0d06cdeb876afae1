import Identities
import Mail

extension SenderView {
    var json: JSONValue {
        .object([
            ("name", .string(sender.text)),
            ("kind", .string(sender.isAddress ? "address" : "domain")),
            // As people see it; differs from the name where that is Punycode.
            ("shown_as", .string(sender.isAddress ? sender.text : look.text)),
            ("status", .string(standing.rawValue)),
            ("shared", .bool(isShared)),
            ("accounts", .array(accounts.map(\.json))),
        ])
    }
}

extension SenderView.AtAccount {
    var json: JSONValue {
        .object([
            ("account", .string(account)),
            ("aws_region", .string(awsRegion)),
            ("status", .string(report.standing.rawValue)),
            ("identity", .string(identity)),
            ("identity_arn", .string(identityARN)),
            ("verified_for_sending", isVerified.map(JSONValue.bool) ?? .null),
            ("dkim", .string(dkimState)),
            ("mail_from", .string(mailFrom)),
            ("mail_from_status", .string(mailFromState)),
            ("alignment", report.alignment.json),
            ("records", .array(report.records.map(\.json))),
            ("missing", .array(report.missing.map(JSONValue.string))),
            ("checked_at", .time(row?.checkedAt)),
            ("next_check_at", .time(row?.dueAt)),
        ])
    }
}

extension IdentityReport.Record {
    fileprivate var json: JSONValue {
        .object([
            ("purpose", .string(wanted.purpose.rawValue)),
            ("type", .string(wanted.type)),
            ("name", .string(wanted.name)),
            ("value", .string(wanted.value)),
            ("status", .string(state.rawValue)),
            ("found", .array(found.map(JSONValue.string))),
        ])
    }
}

extension Alignment {
    fileprivate var json: JSONValue {
        .object([
            ("dkim", .bool(isDKIMAligned)),
            ("spf", .bool(isSPFAligned)),
            ("dmarc_policy", .string(policy?.rawValue)),
            ("dmarc_record_at", .string(recordDomain)),
        ])
    }
}

/// What differs between two versions of an account, in words.
enum AccountField {
    static func differences(from old: AccountDocument?, to new: AccountDocument) -> [String] {
        guard let old else { return [] }
        var parts: [String] = []
        func compare<Value: Equatable>(_ name: String, _ path: KeyPath<AccountDocument, Value>) {
            if old[keyPath: path] != new[keyPath: path] {
                parts.append("\(name) \(old[keyPath: path]) -> \(new[keyPath: path])")
            }
        }
        compare("aws_region", \.awsRegion)
        compare("endpoint", \.endpoint.shown)
        compare("quota", \.quota.shown)
        compare("window", \.window.rawValue)
        compare("configuration_set", \.configurationSet.shown)
        compare("sns_topics", \.snsTopics)
        compare("sqs_queue_url", \.sqsQueueURL.shown)
        compare("mirror_suppressions", \.mirrorsSuppressions)
        compare("reputation", \.reputation.shown)
        if old.credentials != new.credentials { parts.append("credentials") }
        return parts
    }
}

/// What differs between two versions of a tenant, in words.
enum TenantField {
    static func differences(from old: Tenant, to new: TenantDocument) -> [String] {
        var parts: [String] = []
        func compare<Value: Equatable>(_ name: String, _ before: Value, _ after: Value) {
            if before != after { parts.append("\(name) \(before) -> \(after)") }
        }
        compare("display_name", old.displayName.shown, new.displayName.shown)
        compare("from_domains", old.fromDomains, new.fromDomains)
        compare("default_region", old.defaultRegion, new.defaultRegion ?? "")
        compare("limits", old.limits.shown, new.limits.shown)
        compare("unknown_policy", old.unknownPolicy.rawValue, new.unknownPolicy.rawValue)
        compare("status", old.status.rawValue, new.status.rawValue)
        compare("shared_domains", old.sharedDomains, new.sharedDomains)
        compare("senders", old.rules.json, SenderRules(new.senders).json)
        compare("one_click_unsubscribe", old.oneClickUnsubscribe, new.oneClickUnsubscribe)
        if old.report != new.report { parts.append("report \(old.report.shown) -> \(new.report.shown)") }
        for region in Set(old.routes.keys).union(new.regions.keys).sorted() {
            compare("region \(region)", old.routes[region]?.path ?? "none", new.regions[region] ?? "none")
        }
        return parts
    }
}

extension TenantLimits {
    fileprivate var shown: String {
        func words(_ limit: Int?) -> String { limit.map { "\($0)" } ?? "none" }
        return "api_rate \(words(apiRate)), queued \(words(queued)), daily \(words(daily))"
    }
}

extension ReportSettings? {
    /// Without the addresses: what changes is read in more places than those who get reports would like.
    fileprivate var shown: String {
        map { "for \($0.to.count) \($0.to.count == 1 ? "address" : "addresses") from \($0.from)" } ?? "none"
    }
}

extension String? {
    fileprivate var shown: String { self ?? "none" }
}

extension ReputationThresholds {
    fileprivate var shown: String {
        "bounce \(bounce.shown), complaint \(complaint.shown), at least \(minimumSent) sent, slowed to \(slowRate)/s"
    }
}

extension ReputationThresholds.Levels {
    fileprivate var shown: String { "\(warn)/\(slow)/\(pause) %" }
}

extension AccountDocument.Quota {
    fileprivate var shown: String {
        switch self {
        case .auto: "auto"
        case .fixed(let rate, let daily, let evenOut):
            "\(rate)/s \(daily < 0 ? "without a daily limit" : "\(daily) a day")" + (evenOut ? ", evened out" : "")
        }
    }
}

import FoundationEssentials

extension AccountStatus {
    private struct Document: Decodable {
        private enum CodingKeys: String, CodingKey {
            case quota = "SendQuota"
            case sendingEnabled = "SendingEnabled"
            case enforcementStatus = "EnforcementStatus"
            case productionAccess = "ProductionAccessEnabled"
        }

        let quota: Quota
        let sendingEnabled: Bool?
        let enforcementStatus: String?
        let productionAccess: Bool?
    }

    private struct Quota: Decodable {
        private enum CodingKeys: String, CodingKey {
            case max24HourSend = "Max24HourSend"
            case maxSendRate = "MaxSendRate"
            case sentLast24Hours = "SentLast24Hours"
        }

        let max24HourSend: Double
        let maxSendRate: Double
        let sentLast24Hours: Double?
    }

    /// `nil` if `body` is not an answer of `GetAccount` with both quotas. What else is missing counts as well.
    init?(_ body: [UInt8]) {
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(body)),
            document.quota.maxSendRate >= 0
        else { return nil }
        self.init(
            max24HourSend: document.quota.max24HourSend,
            maxSendRate: document.quota.maxSendRate,
            sentLast24Hours: document.quota.sentLast24Hours ?? 0,
            sendingEnabled: document.sendingEnabled ?? true,
            enforcementStatus: document.enforcementStatus ?? "HEALTHY",
            productionAccess: document.productionAccess ?? true
        )
    }
}

import Logging
import Postgres

/// The records of the intake in the database.
struct IntakeRecords: IntakeRecording {
    let kept: KeptStore
    let health: SourceHealth
    let logger: Logger

    init(pool: PostgresPool, health: SourceHealth, logger: Logger) {
        kept = KeptStore(pool: pool)
        self.health = health
        self.logger = logger
    }

    func keep(_ item: KeptNotification, isKnown: Bool) async -> Bool {
        do {
            if isKnown {
                try await kept.keep(item)
                return true
            }
            return try await kept.keepStranger(item)
        } catch {
            logger.warning("feedback not kept", metadata: ["reason": "\(item.reason)", "error": "\(error)"])
            return false
        }
    }

    func note(accountID: Int32, source: String, isEvent: Bool) {
        health.note(accountID: accountID, source: source, isEvent: isEvent)
    }

    func confirmed(_ source: String, accountID: Int32) async throws {
        try await health.store.confirmed(source, accountID: accountID)
    }

    func ended(_ source: String, accountID: Int32) async throws {
        try await health.store.ended(source, accountID: accountID)
    }
}

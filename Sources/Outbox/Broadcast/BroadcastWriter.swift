public import Logging
public import Mail
public import Postgres
public import Sealing

/// Makes a message to very many durable: all of it in one transaction, on a connection of its own, so that ordinary flushes go
/// on beside it. It is wholly in or wholly out, also when its caller goes away.
public struct BroadcastWriter: Sendable {
    /// Row numbers are the last 16 bits of an id; some are left free.
    public static let maximumRecipients = 50_000
    private static let chunk = 1000
    /// How long to look for a message whose commit was not answered.
    private static let patience = Duration.seconds(10)

    private let pool: PostgresPool
    private let seal: MailSeal
    private let pseudonyms: Pseudonyms?
    private let logger: Logger
    private let onCommit: AcceptWriter.CommitHandler
    private let metrics = AcceptMetrics()

    /// - Parameters: as those of `AcceptWriter`.
    public init(
        pool: PostgresPool,
        vault: Vault? = nil,
        pseudonyms: Pseudonyms? = nil,
        logger: Logger,
        onCommit: @escaping AcceptWriter.CommitHandler = { _ in }
    ) {
        self.pool = pool
        seal = MailSeal(vault: vault)
        self.pseudonyms = pseudonyms
        self.logger = logger
        self.onCommit = onCommit
    }

    /// Returns after the commit, with the status that the message got: `suppressed` when none of its recipients is to get
    /// mail of the tenant.
    ///
    /// - Parameters:
    ///   - message: without recipients. Its id is to be a new one: others look for new ids where the time is.
    ///   - count: how many `next` brings.
    ///   - limits: the tenant's, within which all of them must fit, suppressed or not.
    ///   - next: some recipients, and none when there are no more.
    /// - Throws: what `next` throws, else `AcceptError`.
    public func accept(
        _ message: NewMessage,
        count: Int,
        limits: AcceptLimits = AcceptLimits(),
        next: () throws -> [BroadcastRecipient]
    ) async throws -> MessageStatus {
        var suppressed = 0
        var transaction: String?
        let message = try await sealed(message)
        do {
            try await pool.scoped(to: .accepting).withTransaction { connection in
                try await require(room: count, of: message.tenantID, limits, on: connection)
                let statements: [SQL] = ["SELECT pg_current_xact_id()::text"]
                let answers = try await connection.pipeline(
                    statements + BroadcastStatement.message(message, recipients: count)
                )
                transaction = try answers.first?.decode(String.self).first
                suppressed = try await write(message, next: next, on: connection)
                if !limits.isEmpty {
                    try await connection.pipeline(RoomStatement.note([message.tenantID: count - suppressed]))
                }
            }
        } catch let error as PostgresError where error.code == .commitOutcomeUnknown {
            try await resolve(message, transaction: transaction)
        } catch let error as SealingError {
            throw AcceptError(.unavailable, "the message could not be sealed: \(error)")
        } catch let error as PostgresError {
            logger.warning(
                "broadcast not accepted",
                metadata: ["message_id": "\(message.id)", "recipients": "\(count)", "error": "\(error)"]
            )
            throw error.isDataError
                ? AcceptError(.refused, "the database refuses the message: \(error)")
                : AcceptError(.unavailable, "the message could not be stored: \(error)")
        }
        metrics.committed(1, recipients: count)
        if message.scheduledAt == nil, !message.isTest, suppressed < count {
            onCommit(
                [
                    QueueSign(
                        laneID: message.laneID,
                        priority: message.priority,
                        rows: .more(count - suppressed),
                        first: message.id.uuid
                    )
                ]
            )
        }
        return suppressed == count ? .suppressed : message.startingStatus
    }

    private func sealed(_ message: NewMessage) async throws(AcceptError) -> NewMessage {
        do throws(SealingError) {
            return try await seal.seal(message)
        } catch {
            throw AcceptError(.unavailable, "the message could not be sealed: \(error)")
        }
    }

    /// - Throws: `AcceptError.overLimit` where so many do not fit.
    private func require(
        room count: Int,
        of tenantID: Int32,
        _ limits: AcceptLimits,
        on connection: PostgresConnection
    ) async throws {
        guard !limits.isEmpty else { return }
        let rows = try await connection.query(RoomStatement.look(at: [tenantID]))
        let room = try RoomStatement.rooms(rows) { _ in limits }[tenantID]
        if let refusal = room?.refusal(of: count) { throw AcceptError(refusal) }
    }

    /// Returns when the message turns out to be in.
    private func resolve(_ message: NewMessage, transaction: String?) async throws {
        let inquiry = CommitInquiry(pool: pool, patience: Self.patience)
        let fate = await inquiry.fate(of: message.id, tenantID: message.tenantID, transaction: transaction)
        logger.warning(
            "the commit of a broadcast was not answered",
            metadata: ["message_id": "\(message.id)", "found": "\(fate)"]
        )
        switch fate {
        case .committed: return
        case .rolledBack: throw AcceptError(.unavailable, "the message could not be stored")
        case .unknown:
            throw AcceptError(
                .inDoubt,
                "the database was lost while it stored message \(message.id), which may be in. Send it again only after "
                    + "GET /messages/\(message.id) has answered 404 some minutes from now"
            )
        }
    }

    private func write(
        _ message: NewMessage,
        next: () throws -> [BroadcastRecipient],
        on connection: PostgresConnection
    ) async throws -> Int {
        let erases = try await suppressesErased(message.tenantID, on: connection)
        var written = 0
        var suppressed = 0
        while true {
            let recipients = try next()
            guard !recipients.isEmpty else { return suppressed }
            for start in stride(from: 0, to: recipients.count, by: Self.chunk) {
                let part = recipients[start..<min(start + Self.chunk, recipients.count)]
                let names =
                    erases ? try await pseudonyms?.names(of: part.map(\.email), tenantID: message.tenantID) : nil
                let statement = BroadcastStatement.recipients(
                    try await seal.seal(part, first: written + 1, of: message),
                    pseudonyms: names,
                    first: written + 1,
                    of: message
                )
                suppressed += try await connection.query(statement).decode(Int.self).first ?? 0
                written += part.count
            }
        }
    }

    /// Whether the tenant suppresses addresses that were erased.
    private func suppressesErased(_ tenantID: Int32, on connection: PostgresConnection) async throws -> Bool {
        guard pseudonyms != nil else { return false }
        return try await connection.query(
            """
            SELECT EXISTS (SELECT FROM suppression WHERE tenant_id = \(tenantID)
                           AND email >= \(Pseudonyms.first) AND email < \(Pseudonyms.last))
            """
        ).decode(Bool.self).first ?? false
    }
}

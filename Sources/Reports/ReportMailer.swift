public import Directory
import Foundation
public import Logging
import Mail
public import Outbox
public import Postgres
public import ServiceLifecycle
import Synchronization

/// Mails the weekly reports through the gateway itself, on Monday from 06:00 UTC on. Every gateway runs one; a row for each tenant
/// and week decides who mails it, and the id that it goes by, so that it goes once whatever dies in between.
public struct ReportMailer: Service {
    private static let interval = Duration.seconds(60)
    /// For what SES says about the week's last mail.
    static let delay: TimeInterval = 6 * 3600

    private let directory: @Sendable () -> DirectorySnapshot?
    private let writer: AcceptWriter
    private let reader: ReportReader
    private let turns: ReportTurns
    private let composer: ReportComposer
    private let ids: MessageIDs
    private let logger: Logger

    /// - Parameters:
    ///   - pool: for the turns; `searches` is read what the reports say.
    ///   - publicURL: without a slash at its end.
    public init(
        pool: PostgresPool,
        searches: PostgresPool,
        writer: AcceptWriter,
        publicURL: String?,
        logger: Logger,
        directory: @escaping @Sendable () -> DirectorySnapshot?
    ) {
        self.directory = directory
        self.writer = writer
        reader = ReportReader(pool: searches)
        turns = ReportTurns(pool: pool)
        composer = ReportComposer(publicURL: publicURL)
        ids = MessageIDs()
        self.logger = logger
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.interval)
                if !Task.isCancelled { await self.mail(now: Date()) }
            }
        }
    }

    /// Mails what is due. One tenant's trouble is not another's.
    func mail(now: Date) async {
        let week = ReportWeek.last(before: now)
        guard now >= week.end.addingTimeInterval(Self.delay), let directory = directory() else { return }
        let tenants = directory.tenants.values.filter { $0.report != nil && $0.status == .active }
        guard !tenants.isEmpty else { return }
        let due: Set<Int32>
        do {
            due = Set(try await turns.due(tenants.map(\.id), week))
        } catch {
            return logger.warning("weekly reports not looked for, trying again", metadata: ["error": "\(error)"])
        }
        for tenant in tenants.sorted(by: { $0.name < $1.name }) where due.contains(tenant.id) && !Task.isCancelled {
            do {
                guard let turn = try await turns.take(tenant.id, week, proposing: ids.next(now)) else { continue }
                try await mail(turn, tenant)
            } catch {
                logger.warning(
                    "weekly report not mailed, trying again",
                    metadata: ["tenant": "\(tenant.name)", "week": "\(week)", "error": "\(error)"]
                )
            }
        }
    }

    /// What a turn is for. It may be done twice, and still mails once: the message has one id, which the outbox takes once.
    func mail(_ turn: ReportTurn, _ tenant: Tenant) async throws {
        guard let settings = tenant.report else { return }
        let isKnown = try await turns.isAccepted(turn)
        if !isKnown {
            let report = try await reader.report(tenantID: tenant.id, week: turn.week)
            // Taken up again when the turn's time is over.
            guard report.isComplete else { return }
            let own = try await turns.recipients(tenant.id, in: turn.week)
            guard max(report.counts.accepted, report.counts.sent) > own else {
                return try await turns.settle(turn, .noTraffic)
            }
            let message = try composer.message(report, settings, tenant: tenant, id: turn.messageID)
            try await accept(message, turn, tenant)
        }
        try await turns.settle(turn, .mailed, recipients: settings.to.count)
        logger.info(
            "weekly report mailed",
            metadata: ["tenant": "\(tenant.name)", "week": "\(turn.week)", "message": "\(turn.messageID)"]
        )
    }

    private func accept(_ message: NewMessage, _ turn: ReportTurn, _ tenant: Tenant) async throws {
        let submission = Submission(
            tenantID: tenant.id,
            messages: [message],
            isAtomic: true,
            key: nil,
            limits: AcceptLimits(queued: tenant.limits.queued, daily: tenant.limits.daily)
        ) { _ in "" }
        do throws(AcceptError) {
            _ = try await writer.accept(submission)
        } catch {
            // Another node was slow, or thought to be dead, and has put it in meanwhile.
            let isIn = error.code == .refused ? try await turns.isAccepted(turn) : false
            guard isIn else { throw error }
        }
    }
}

/// The ids that this node proposes.
private final class MessageIDs: Sendable {
    private let generator = Mutex(MessageIDGenerator())

    func next(_ now: Date) -> MessageID {
        var random = SystemRandomNumberGenerator()
        return generator.withLock { $0.next(milliseconds: Int64(now.timeIntervalSince1970 * 1000), using: &random) }
    }
}

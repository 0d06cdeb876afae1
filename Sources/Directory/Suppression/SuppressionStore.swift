import Foundation
public import Mail
public import Postgres
public import Sealing

/// Tenants' suppression lists, as tenants see and change them. Every statement names the tenant. What SES's events suppress
/// is written with those events.
public struct SuppressionStore: Sendable {
    /// Rows that one statement of a removal by domain takes.
    public static let batch = 1000

    /// How many addresses one call looks at for those of a reason, which no index knows.
    public static let bound = 10_000
    private static let timeout = Duration.seconds(2)

    /// Addresses that a tenant may suppress itself. What SES's events suppress is never too much.
    public static let maximum = 1_000_000

    private let pool: PostgresPool
    private let pseudonyms: Pseudonyms?
    private let bound: Int
    private let room: SuppressionRoom

    /// - Parameter pseudonyms: under which addresses are suppressed that were erased.
    public init(pool: PostgresPool, pseudonyms: Pseudonyms? = nil) {
        self.init(pool: pool, pseudonyms: pseudonyms, bound: Self.bound, maximum: Self.maximum)
    }

    package init(
        pool: PostgresPool,
        pseudonyms: Pseudonyms? = nil,
        bound: Int = Self.bound,
        maximum: Int = Self.maximum
    ) {
        self.pool = pool
        self.pseudonyms = pseudonyms
        self.bound = bound
        room = SuppressionRoom(most: maximum)
    }

    /// A part of the list.
    public struct Page: Sendable {
        public let suppressions: [Suppression]
        /// How far was looked, where that is not the list's end: there may be more beyond this address.
        public let edge: String?

        public init(suppressions: [Suppression], edge: String? = nil) {
            self.suppressions = suppressions
            self.edge = edge
        }
    }

    /// Up to `limit` suppressions in the order of their addresses. Where few of many have the reason, it may be fewer although
    /// there are more: see `edge`.
    ///
    /// - Parameters:
    ///   - after: only what is behind this place.
    ///   - before: only what is before it, and next to it.
    public func suppressions(
        tenantID: Int32,
        filter: SuppressionFilter,
        limit: Int,
        after: String?,
        before: String?
    ) async throws -> Page {
        var condition: SQL = "tenant_id = \(tenantID)"
        if let prefix = filter.prefix {
            // Addresses are ASCII, so that nothing lies behind a prefix and DEL.
            condition += " AND email >= \(prefix) AND email < \(prefix + "\u{7F}")"
        }
        if let domain = filter.domain { condition += " AND domain = \(domain)" }
        if let after { condition += " AND (email, stream) > \(Self.key(after))" }
        if let before { condition += " AND (email, stream) < \(Self.key(before))" }
        let order: SQL = before == nil ? "ORDER BY email, stream" : "ORDER BY email DESC, stream DESC"
        let source: SQL =
            "(SELECT * FROM suppression WHERE \(condition) \(order) LIMIT \(Int64(max(bound, limit)))) AS s"
        let wanted: SQL = filter.reason.map { "WHERE reason = \($0.rawValue)" } ?? ""
        return try await pool.scoped(to: .tenant(tenantID)).withReading(statementsWithin: Self.timeout) { connection in
            let rows = try await connection.query(
                "SELECT \(Self.columns) FROM \(source) \(wanted) \(order) LIMIT \(Int64(limit))"
            ).map(Self.suppression)
            var edge: String?
            if rows.count < limit {
                edge = try await connection.query(
                    "SELECT \(Self.place) FROM suppression WHERE \(condition) \(order) LIMIT 1 OFFSET \(Int64(max(bound, limit) - 1))"
                ).decode(String.self).first
            }
            return Page(suppressions: before == nil ? rows : rows.reversed(), edge: edge)
        }
    }

    /// The suppression of an address for all mail, else the one for a stream; nil when the tenant has neither.
    public func suppression(of email: EmailAddress, tenantID: Int32) async throws -> Suppression? {
        let names = try await self.names(of: email, tenantID: tenantID)
        return try await pool.scoped(to: .tenant(tenantID)).query(
            """
            SELECT \(Self.columns) FROM suppression WHERE tenant_id = \(tenantID) AND email = ANY (\(names))
            ORDER BY stream LIMIT 1
            """
        ).first.map(Self.suppression)
    }

    /// The address, and what it is suppressed under once it was erased.
    private func names(of email: EmailAddress, tenantID: Int32) async throws -> [String] {
        let pseudonym = try await pseudonyms?.name(of: email.matchKey, tenantID: tenantID)
        return [email.matchKey] + (pseudonym.map { [$0] } ?? [])
    }

    /// Suppresses an address; one that is suppressed already stays as it is.
    ///
    /// - Parameter stream: only this; nil: all mail.
    /// - Returns: the suppression, and whether it is new.
    /// - Throws: `DirectoryError.conflict` when the tenant has too many.
    public func add(
        _ email: EmailAddress,
        reason: Suppression.Reason,
        stream: MessageStream? = nil,
        detail: String?,
        tenantID: Int32,
        actor: String
    ) async throws -> (suppression: Suppression, isNew: Bool) {
        if try await room.isFull(tenantID, in: pool.scoped(to: .tenant(tenantID))) {
            if let present = try await suppression(of: email, stream: stream, tenantID: tenantID) {
                return (present, false)
            }
            throw DirectoryError(
                .conflict,
                "there are \(room.most) suppressed addresses, which is the most; remove some that are not needed"
            )
        }
        // Between the two statements it may be removed.
        for _ in 0..<3 {
            let new = try await pool.scoped(to: .tenant(tenantID)).withTransaction { connection -> Suppression? in
                let rows = try await connection.query(
                    """
                    INSERT INTO suppression (tenant_id, email, stream, reason, detail)
                    SELECT \(tenantID), \(email.matchKey), \(stream?.rawValue ?? ""), \(reason.rawValue), \(detail)
                    ON CONFLICT DO NOTHING RETURNING \(Self.columns)
                    """
                )
                guard let row = rows.first else { return nil }
                let change = "1 added (\(reason.rawValue))"
                try await Self.audit("create", domain: email.domain, change, tenantID: tenantID, actor, on: connection)
                return try Self.suppression(row)
            }
            if let new { return (new, true) }
            if let present = try await suppression(of: email, stream: stream, tenantID: tenantID) {
                return (present, false)
            }
        }
        throw DirectoryError(.conflict, "the address is being added and removed at the same time; try again")
    }

    private func suppression(
        of email: EmailAddress,
        stream: MessageStream?,
        tenantID: Int32
    ) async throws -> Suppression? {
        let names = try await self.names(of: email, tenantID: tenantID)
        return try await pool.scoped(to: .tenant(tenantID)).query(
            """
            SELECT \(Self.columns) FROM suppression
            WHERE tenant_id = \(tenantID) AND email = ANY (\(names)) AND stream = \(stream?.rawValue ?? "") LIMIT 1
            """
        ).first.map(Self.suppression)
    }

    /// Lets mail of every stream go to an address again.
    ///
    /// - Returns: false when the tenant did not suppress it.
    public func remove(_ email: EmailAddress, tenantID: Int32, actor: String) async throws -> Bool {
        let names = try await self.names(of: email, tenantID: tenantID)
        return try await pool.scoped(to: .tenant(tenantID)).withTransaction { connection in
            let removed =
                try await connection.query(
                    Self.remove("email = ANY (\(names))", known: email.matchKey, tenantID: tenantID)
                ).first?[0, as: Int.self] ?? 0
            guard removed > 0 else { return false }
            room.forget(tenantID)
            let change = "\(removed) removed"
            try await Self.audit("delete", domain: email.domain, change, tenantID: tenantID, actor, on: connection)
            return true
        }
    }

    /// Lets mail go to every address of a domain again, batch by batch; returns how many those were.
    public func remove(domain: DomainName, tenantID: Int32, actor: String) async throws -> Int {
        var total = 0
        while true {
            try Task.checkCancellation()
            let removed = try await pool.scoped(to: .tenant(tenantID)).withTransaction { connection in
                let removed =
                    try await connection.query(
                        Self.remove(
                            """
                            email IN (SELECT email FROM suppression
                                      WHERE tenant_id = \(tenantID) AND domain = \(domain.ascii)
                                      ORDER BY email LIMIT \(Int64(Self.batch)) FOR UPDATE)
                            """,
                            tenantID: tenantID
                        )
                    ).first?[0, as: Int.self] ?? 0
                if removed > 0 {
                    let change = "\(removed) removed"
                    try await Self.audit(
                        "delete",
                        domain: domain.ascii,
                        change,
                        tenantID: tenantID,
                        actor,
                        on: connection
                    )
                }
                return removed
            }
            total += removed
            if removed > 0 { room.forget(tenantID) }
            if removed < Self.batch { return total }
        }
    }

    /// Deletes what `condition` says and, for the tenant's accounts that mirror, queues the removal from SES's own list,
    /// unless another tenant of the account still suppresses the address: what the tenant cannot see, the function looks at.
    /// Returns how many were deleted.
    ///
    /// - Parameter known: the address behind a pseudonym among them: SES has it under its own name.
    private static func remove(_ condition: SQL, known: String? = nil, tenantID: Int32) -> SQL {
        """
        WITH gone AS (
            DELETE FROM suppression WHERE tenant_id = \(tenantID) AND \(condition)
            RETURNING CASE WHEN is_pseudonym(email) THEN coalesce(\(known)::text, email) ELSE email END AS email, stream, reason
        )
        -- What is for a stream is nothing to SES, which knows no streams.
        SELECT count(*), unmirror(\(tenantID), array_agg(email ORDER BY email) FILTER (WHERE stream = ''),
                                  array_agg(reason ORDER BY email) FILTER (WHERE stream = ''))
        FROM gone
        """
    }

    /// One line for a change; it names the domain and never an address.
    private static func audit(
        _ action: String,
        domain: String,
        _ change: String,
        tenantID: Int32,
        _ actor: String,
        on connection: PostgresConnection
    ) async throws {
        _ = try await connection.query(
            AuditLog.entry(
                action: action,
                object: "suppressions at \(domain)",
                tenantID: tenantID,
                detail: change,
                actor: actor
            )
        )
    }

    private static let columns: SQL = "email, reason, stream, detail, message_of(outbox_id)::text, created_at"

    private static let place: SQL = "email || CASE stream WHEN '' THEN '' ELSE '/' || stream END"

    /// What a place stands for in the order of the list.
    private static func key(_ place: String) -> SQL {
        let slash = place.lastIndex(of: "/").flatMap { place[$0...].contains("@") ? nil : $0 }
        let stream = slash.map { String(place[$0...].dropFirst()) } ?? ""
        return "(\(String(place[..<(slash ?? place.endIndex)])), \(stream))"
    }

    private static func suppression(_ row: Row) throws -> Suppression {
        Suppression(
            email: try row[0, as: String.self],
            reason: Suppression.Reason(rawValue: try row[1, as: String.self]) ?? .manual,
            stream: MessageStream(rawValue: try row[2, as: String.self]),
            detail: try row[3, as: String?.self],
            messageID: try row[4, as: String?.self],
            createdAt: try row[5, as: Date.self]
        )
    }
}

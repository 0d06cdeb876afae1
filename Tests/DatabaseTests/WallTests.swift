import Directory
import Foundation
import Mail
import Outbox
import Postgres
import Testing
import Webhooks

/// The second wall: what the server itself keeps from a tenant, whatever a statement says.
@Suite("Walls between tenants")
struct WallTests {
    /// A world in which two tenants have rows in every table that a tenant can have some in.
    private func populated(_ pool: PostgresPool) async throws -> (world: World, own: Int32, other: Int32) {
        let world = try await World(pool)
        var ids: [Int32] = []
        for name in ["apa", "standard"] {
            let tenant = try #require(world.directory.tenant(named: name)?.id)
            ids.append(tenant)
            let sent = try world.message(tenant: name)
            let scheduled = try world.message(
                tenant: name,
                scheduledAt: Date().addingTimeInterval(3600),
                expiresAt: Date().addingTimeInterval(9000)
            )
            try await world.accept([sent, scheduled, try world.message(tenant: name)])
            _ = try await world.claim(sent.laneID, 1)
            let endpoint = try await EndpointStore(pool: pool)
                .create(EndpointChange(url: "https://\(name).example/"), tenantID: tenant, actor: "t").endpoint
            _ = try await EndpointStore(pool: pool).test(endpoint.id, type: "email.sent", tenantID: tenant)
            _ = try await TemplateStore(pool: pool).create(
                "welcome",
                TemplateSource(subject: "S", text: "T", html: nil),
                tenantID: tenant
            )
            for statement in [
                "INSERT INTO suppression (tenant_id, email, reason) VALUES (\(tenant), 'x@y.example', 'manual')",
                "INSERT INTO api_key (id, tenant_id, hash, hint) VALUES (new_id(), \(tenant), sha256(\(Array(name.utf8))), 'sk')",
                """
                INSERT INTO idempotency (tenant_id, key_hash, request_hash, answer) VALUES (\(tenant), '\\x01', '\\x02', '{}')
                """,
                "INSERT INTO webhook_replay (id, endpoint_id, cursor_seq, cursor_at, last_seq) VALUES (new_id(), \(endpoint.id), 0, now(), 1)",
                "INSERT INTO erasure (id, tenant_id, pseudonym, last_id) VALUES (new_id(), \(tenant), 'p', new_id())",
                "INSERT INTO tenant_retention (tenant_id) VALUES (\(tenant))",
                """
                INSERT INTO report_mail (tenant_id, week, message_id, taken_until) VALUES (\(tenant), '2026-02-02', new_id(), now())
                """,
                "INSERT INTO feed (tenant_id, seq, at, outbox_id, identity) VALUES (\(tenant), 1, now(), new_id(), 'x')",
                "INSERT INTO feed_head (tenant_id, seq, at) VALUES (\(tenant), 1, now())",
                "INSERT INTO feed_day (tenant_id, day, first_seq) VALUES (\(tenant), now()::date, 1)",
                "INSERT INTO accept_count (tenant_id, recipients) VALUES (\(tenant), 1)",
                "INSERT INTO tenant_queue (tenant_id, most) VALUES (\(tenant), 5)",
                "INSERT INTO tenant_day (tenant_id, slot, recipients) VALUES (\(tenant), 1, 1)",
                """
                INSERT INTO usage_day (tenant_id, day, region, accepted, sent, delivered, bounced, complained)
                VALUES (\(tenant), now()::date, 'AT', 1, 0, 0, 0, 0)
                """,
                "INSERT INTO reputation (account_id, tenant_id, tally) VALUES (\(try world.account.id), \(tenant), '{}')",
                "INSERT INTO usage_cursor (tenant_id, seq, at, counted_at) VALUES (\(tenant), 1, now(), now())",
            ] as [SQL] { _ = try await pool.query(statement) }
        }
        return (world, ids[0], ids[1])
    }

    /// Tables that name a tenant, and whether a tenant may read them.
    private func walled(_ pool: PostgresPool) async throws -> [(name: String, hasWall: Bool, isReadable: Bool)] {
        try await pool.query(
            """
            SELECT c.relname::text, c.relrowsecurity, has_any_column_privilege('sluice_tenant', c.oid, 'SELECT')
            FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
              AND a.attname = 'tenant_id' AND NOT a.attisdropped ORDER BY 1
            """
        ).decode(String.self, Bool.self, Bool.self).map { (name: $0.0, hasWall: $0.1, isReadable: $0.2) }
    }

    @Test("Every table with a tenant has the wall, and of none are another tenant's rows seen without a condition")
    func reads() async throws {
        try await withDatabase { pool in
            let (_, own, other) = try await populated(pool)
            let tables = try await walled(pool)
            #expect(tables.count >= 22)
            for table in tables {
                #expect(table.hasWall, "\(table.name) needs wall_off() (sql/0021_walls.sql)")
                let all = try await pool.query(
                    "SELECT count(*) FROM \(identifier: table.name) WHERE tenant_id = \(other)"
                )
                .decode(Int.self).first
                #expect((all ?? 0) > 0, "\(table.name) has nothing that could be seen")
                guard table.isReadable else { continue }
                let seen = try await pool.scoped(to: .tenant(own)).query(
                    "SELECT tenant_id FROM \(identifier: table.name)"
                )
                .decode(Int32.self)
                #expect(!seen.isEmpty && seen.allSatisfy { $0 == own }, "\(table.name)")
            }
            // What belongs to a tenant by way of another table.
            let others: [(table: String, visible: Int)] = [
                ("tenant", 1), ("ready", 1), ("deferred", 1), ("expiry", 1), ("template_version", 1),
                ("webhook_queue", 1),
                ("webhook_replay", 1),
            ]
            for (table, visible) in others {
                let statement: SQL = "SELECT count(*) FROM \(identifier: table)"
                #expect(try await pool.query(statement).decode(Int.self).first == 2 * visible, "\(table)")
                #expect(
                    try await pool.scoped(to: .tenant(own)).query(statement).decode(Int.self).first == visible,
                    "\(table)"
                )
            }
        }
    }

    @Test("No row of another tenant is changed, removed or made")
    func writes() async throws {
        try await withDatabase { pool in
            let (_, own, other) = try await populated(pool)
            let scope = pool.scoped(to: .tenant(own))
            #expect(
                try await scope.query("UPDATE outbox SET detail = 'x' RETURNING tenant_id").decode(Int32.self)
                    .allSatisfy { $0 == own }
            )
            #expect(try await scope.query("DELETE FROM suppression RETURNING tenant_id").decode(Int32.self) == [own])
            #expect(try await scope.query("DELETE FROM ready RETURNING id").count == 1)
            #expect(
                try await scope.query("UPDATE webhook_endpoint SET url = 'x' RETURNING tenant_id").decode(Int32.self)
                    == [own]
            )
            let refusal = await #expect(throws: PostgresError.self) {
                try await scope.query(
                    "INSERT INTO suppression (tenant_id, email, reason) VALUES (\(other), 'z@y.example', 'manual')"
                )
            }
            #expect(refusal?.sqlState == SQLState(rawValue: "42501"))
            for statement in [
                "UPDATE template SET tenant_id = \(other)", "UPDATE webhook_endpoint SET tenant_id = \(other)",
            ] as [SQL] {
                let refusal = await #expect(throws: PostgresError.self) { try await scope.query(statement) }
                #expect(refusal?.sqlState == SQLState(rawValue: "42501"))
            }
            #expect(
                try await pool.query("SELECT count(*) FROM suppression WHERE tenant_id = \(other)").decode(Int.self)
                    == [1]
            )
        }
    }

    @Test(
        "What no tenant is to see at all is refused",
        arguments: [
            "body", "recipient_data", "idempotency", "accept_count", "tenant_queue", "tenant_day", "audit", "data_key",
            "pseudonym_key", "feedback_kept", "suppression_mirror",
        ]
    )
    func closed(table: String) async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let tenant = try #require(world.directory.tenant(named: "apa")?.id)
            let refusal = await #expect(throws: PostgresError.self) {
                try await pool.scoped(to: .tenant(tenant)).query("SELECT * FROM \(identifier: table)")
            }
            #expect(refusal?.sqlState == SQLState(rawValue: "42501"))
        }
    }

    @Test("A partition is no way around the wall, whenever it was made")
    func partitions() async throws {
        try await withDatabase { pool in
            let (_, own, _) = try await populated(pool)
            _ = try await pool.query("SELECT make_partitions((now() AT TIME ZONE 'UTC')::date + 40)")
            let leaves = try await pool.query(
                "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent IN (SELECT oid FROM pg_class WHERE relkind = 'p')"
            ).decode(String.self)
            #expect(leaves.count > 50)
            let open = try await pool.query(
                """
                SELECT l.name || ' ' || r.rolname FROM unnest(\(leaves)) AS l (name)
                JOIN pg_roles AS r ON r.rolname IN ('sluice_tenant', 'sluice_accept')
                WHERE has_any_column_privilege(r.rolname, l.name, 'SELECT, INSERT, UPDATE')
                   OR has_table_privilege(r.rolname, l.name, 'DELETE, TRUNCATE')
                """
            ).decode(String.self)
            #expect(open.isEmpty, "\(open)")
            let leaf = try #require(leaves.first { $0.hasPrefix("message_") })
            let refusal = await #expect(throws: PostgresError.self) {
                try await pool.scoped(to: .tenant(own)).query("SELECT FROM \(identifier: leaf)")
            }
            #expect(refusal?.sqlState == SQLState(rawValue: "42501"))
        }
    }

    @Test("Nothing is queued for another tenant's feed, and no other tenant's address is taken off SES's list")
    func doors() async throws {
        try await withDatabase { pool in
            let (_, own, other) = try await populated(pool)
            let scope = pool.scoped(to: .tenant(own))
            func note(_ tenants: [Int32]) -> SQL {
                """
                INSERT INTO event_batch (tenant_ids, outbox_ids, identities)
                SELECT \(tenants), array_agg(new_id()), array_agg('x'::text) FROM unnest(\(tenants)) AS t
                """
            }
            try await scope.query(note([own]))
            let refused: [SQL] = [
                note([other]), note([own, other]), "SELECT unmirror(\(other), ARRAY['x@y.example'], ARRAY['manual'])",
                "SELECT * FROM remove_unused_data_keys()",
            ]
            for statement in refused {
                let refusal = await #expect(throws: PostgresError.self, "\(statement)") {
                    try await scope.query(statement)
                }
                #expect(refusal?.sqlState == SQLState(rawValue: "42501"), "\(statement)")
            }
        }
    }

    @Test("Without a tenant nothing is seen, and the scope ends with its transaction, also with one that fails")
    func ends() async throws {
        try await withDatabase { pool, configuration in
            let (_, own, _) = try await populated(pool)
            try await PostgresPool.withPool(configuration, configuration: PostgresPoolConfiguration(maxConnections: 1))
            { single in
                let scope = single.scoped(to: .tenant(own))
                #expect(try await scope.query("SELECT DISTINCT tenant_id FROM message").decode(Int32.self) == [own])
                #expect(try await single.query("SELECT DISTINCT tenant_id FROM message").count == 2)
                _ = try? await scope.query("SELECT 1 / 0")
                let settings = try await single.query(
                    "SELECT current_setting('role'), coalesce(current_setting('sluice.tenant', true), '')"
                ).decode(String.self, String.self).first
                #expect(settings?.0 == "none" && settings?.1 == "")
                let seen = try await scope.withTransaction { connection in
                    try await connection.query("SELECT DISTINCT tenant_id FROM message").decode(Int32.self)
                }
                #expect(seen == [own])
                #expect(try await single.query("SELECT DISTINCT tenant_id FROM message").count == 2)
                try await single.withTransaction { connection in
                    try await connection.execute("SET LOCAL ROLE sluice_tenant")
                    #expect(try await connection.query("SELECT FROM message").isEmpty)
                }
            }
        }
    }

    @Test("The accept writer may put in, and look up keys and suppressions; it reads and changes no mail")
    func accepting() async throws {
        try await withDatabase { pool in
            _ = try await populated(pool)
            let scope = pool.scoped(to: .accepting)
            #expect(try await scope.query("SELECT tenant_id, email FROM suppression").count == 2)
            #expect(try await scope.query("SELECT answer FROM idempotency").count == 2)
            #expect(try await scope.query("SELECT tenant_id, waiting FROM tenant_queue").count == 2)
            #expect(try await scope.query("SELECT tenant_id, slot, recipients FROM tenant_day").count == 2)
            #expect(try await scope.query("SELECT sum(recipients) FROM accept_count GROUP BY tenant_id").count == 2)
            let refused: [SQL] = [
                "SELECT FROM message", "SELECT email FROM outbox", "SELECT content FROM body", "SELECT data FROM event",
                "SELECT id FROM ready", "SELECT detail FROM suppression", "SELECT name FROM tenant",
                "SELECT hash FROM api_key",
                "UPDATE message SET subject = ''", "UPDATE outbox SET status = 0", "DELETE FROM ready",
                "DELETE FROM body",
                "UPDATE tenant_queue SET waiting = 0", "DELETE FROM accept_count",
                "UPDATE tenant_day SET recipients = 0",
                "UPDATE idempotency SET answer = ''", "DELETE FROM idempotency", "DELETE FROM suppression",
                "INSERT INTO suppression (tenant_id, email, reason) VALUES (1, 'a@b.example', 'manual')",
            ]
            for statement in refused {
                let refusal = await #expect(throws: PostgresError.self, "\(statement)") {
                    try await scope.query(statement)
                }
                #expect(refusal?.sqlState == SQLState(rawValue: "42501"), "\(statement)")
            }
        }
    }

    @Test("Indexes are used behind the wall as before it")
    func plans() async throws {
        try await withDatabase { pool in
            // What chooses rows by an index there must tell nothing of rows that it refuses.
            let unfit = try await pool.query(
                """
                SELECT DISTINCT o.oprname::text || ' ' || o.oprleft::regtype || ' ' || p.proname FROM pg_operator AS o
                JOIN pg_proc AS p ON p.oid = o.oprcode
                WHERE NOT p.proleakproof AND o.oprname IN ('=', '<', '>', '<=', '>=') AND o.oprleft = o.oprright
                  AND o.oprleft IN ('uuid'::regtype, 'int4'::regtype, 'int8'::regtype, 'text'::regtype, 'timestamptz'::regtype,
                                    'tid'::regtype, 'int2'::regtype, 'date'::regtype)
                """
            ).decode(String.self)
            #expect(unfit.isEmpty, "\(unfit)")
            let (world, own, _) = try await populated(pool)
            // Of today, so that it lies in a partition that there is.
            let id = "\(try world.message().id)"
            let statements: [(sql: String, index: String)] = [
                ("SELECT FROM message WHERE id = '\(id)'", "id = "),
                ("SELECT FROM outbox WHERE id > '\(id)' AND id <= last_of('\(id)')", "id > "),
                (
                    "SELECT FROM ready WHERE lane_id = 1 AND priority = 1 AND id BETWEEN '\(id)' AND '\(id)'",
                    "lane_id = 1"
                ),
                (
                    "SELECT FROM outbox WHERE tenant_id = \(own) AND address_hash = 5 AND id > '\(id)' AND id <= last_of('\(id)')",
                    "address_hash = 5"
                ),
                ("DELETE FROM ready WHERE ctid = ANY (ARRAY['(0,1)'::tid])", "ctid = ANY"),
                ("SELECT FROM suppression WHERE tenant_id = 1 AND email = 'a@b.example'", "email = "),
            ]
            for (sql, condition) in statements {
                let plan = try await pool.scoped(to: .tenant(own)).query(SQL(raw: "EXPLAIN \(sql)")).decode(String.self)
                let used = plan.contains {
                    ($0.contains("Index Cond") || $0.contains("TID Cond")) && $0.contains(condition)
                }
                #expect(used, "\(plan.joined(separator: "\n"))")
            }
        }
    }

    @Test("Whoever may not take the roles is told at migration what an administrator has to do")
    func migration() async throws {
        let (name, configuration) = try await TestServer.shared.empty()
        do {
            let connection = try await PostgresConnection.connect(configuration)
            try await connection.execute(
                """
                DO $$ BEGIN
                    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'plain_owner') THEN CREATE ROLE plain_owner LOGIN; END IF;
                END $$;
                ALTER DATABASE \(name) OWNER TO plain_owner;
                SET SESSION AUTHORIZATION plain_owner
                """
            )
            let refusal = await #expect(throws: PostgresError.self) {
                try await TestServer.migrator().migrate(on: connection)
            }
            let message = refusal?.message ?? ""
            #expect(
                message.contains("0021_walls") && message.contains("GRANT sluice_tenant, sluice_accept TO plain_owner"),
                "\(message)"
            )
            try await connection.execute(
                "RESET SESSION AUTHORIZATION; GRANT sluice_tenant, sluice_accept TO plain_owner; SET SESSION AUTHORIZATION plain_owner"
            )
            #expect(try await TestServer.migrator().migrate(on: connection).first == "0021_walls")
            try await connection.execute(
                "RESET SESSION AUTHORIZATION; REVOKE sluice_tenant, sluice_accept FROM plain_owner"
            )
            await connection.close()
        }
        try await TestServer.shared.drop(name)
    }
}

import Directory
import Foundation
import Logging
import Mail
import Postgres
import Signing
import Testing

@testable import Outbox
@testable import Sealing
@testable import Webhooks

/// Mail and secrets that nobody reads in the database.
@Suite("Sealed at rest")
struct VaultTests {
    private static let words = "Your one-time code is 271828"

    private func writer(_ world: World, _ vault: Vault?) -> AcceptWriter {
        AcceptWriter(pool: world.pool, vault: vault, logger: Logger(label: "test"))
    }

    private func accept(_ world: World, _ vault: Vault?, tenant: String = "apa") async throws -> NewMessage {
        var message = try world.message(tenant: tenant)
        message.content = try StoredContent(.raw(Array(Self.words.utf8)))
        let writer = writer(world, vault)
        let accepted = message
        try await withThrowingTaskGroup { group in
            group.addTask { try await writer.run() }
            _ = try await writer.accept(accepted)
            group.cancelAll()
        }
        return message
    }

    private func claimer(_ world: World, _ vault: Vault?) throws -> Claimer {
        Claimer(pool: world.pool, accountID: try world.account.id, node: world.node, epoch: world.epoch, vault: vault)
    }

    private func text(_ contents: ReadContents, _ message: NewMessage) throws -> String? {
        guard let content = contents.known[message.id], case .whole(.raw(let bytes)) = try content.form() else {
            return nil
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(
        "A body cannot be read in the database, and is read by whoever has the key; what was written before stays readable"
    )
    func bodies() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let plain = try await accept(world, try TestVault.make(pool))
            let sealed = try await accept(world, try TestVault.make(pool, TestVault.first))
            let stored = try await pool.query("SELECT id, kind, content FROM body").decode(
                PostgresUUID.self,
                Int16.self,
                [UInt8].self
            )
            for (id, kind, content) in stored {
                let isPlain = id == plain.id.uuid
                #expect((kind == 1) == isPlain && (kind == 17) == !isPlain)
                #expect(String(decoding: content, as: UTF8.self).contains("271828") == isPlain)
            }
            // A node that has only just started.
            let contents = try await claimer(world, try TestVault.make(pool, TestVault.first)).contents(of: [
                plain.id, sealed.id,
            ])
            #expect(try text(contents, plain) == Self.words)
            #expect(try text(contents, sealed) == Self.words)
            #expect(sealed.content.size == Self.words.utf8.count)
        }
    }

    @Test("Without its key mail waits for another node; altered or moved to another row it is not sent")
    func unreadable() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let vault = try TestVault.make(pool, TestVault.first)
            let (one, other) = (try await accept(world, vault), try await accept(world, vault, tenant: "standard"))
            for blind in [nil, try TestVault.make(pool), try TestVault.make(pool, TestVault.second)] {
                let contents = try await claimer(world, blind).contents(of: [one.id])
                #expect(contents.foreign == [one.id] && contents.known.isEmpty)
            }
            _ = try await pool.query(
                """
                UPDATE body SET content = (SELECT content FROM body AS b WHERE b.id = \(other.id.uuid)) WHERE id = \(one.id.uuid)
                """
            )
            let contents = try await claimer(world, vault).contents(of: [one.id, other.id])
            #expect(contents.known[one.id] == nil && contents.foreign.isEmpty)
            #expect(try text(contents, other) == Self.words)
        }
    }

    @Test(
        "Where mail was sealed once, a node without keys takes none in, and one with another key names the missing one"
    )
    func missing() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            _ = try await accept(world, try TestVault.make(pool, TestVault.first))
            for vault in [try TestVault.make(pool), try TestVault.make(pool, TestVault.second)] {
                let refusal = await #expect(throws: AcceptError.self) { _ = try await accept(world, vault) }
                #expect(refusal?.code == .unavailable && refusal?.message.contains("'file:first'") == true)
                let trouble = await #expect(throws: SealingError.self) { try await vault.refresh() }
                #expect(trouble?.code == .missingKey)
            }
            // Another key of the same name.
            let wrong = try TestVault.make(pool, TestVault.line("first"))
            let trouble = await #expect(throws: SealingError.self) { try await wrong.refresh() }
            #expect(trouble?.code == .wrongKey && trouble?.message.contains("'file:first'") == true)
            // Also where it is not the one that seals, before its mail is due.
            let second = try TestVault.make(pool, TestVault.second, TestVault.line("first"))
            let early = await #expect(throws: SealingError.self) { try await second.refresh() }
            #expect(second.isBlind)
            let want = ClaimWant(laneID: try world.lane("apa", "AT"), priority: .normal, recipients: 9)
            #expect(try await claimer(world, second).claim([want]).id == nil, "others can send it")
            #expect(try await claimer(world, try TestVault.make(pool, TestVault.first)).claim([want]).id != nil)
            #expect(early?.code == .wrongKey && early?.message.contains("'file:first'") == true)
            #expect(try await world.count("message") == 1)
        }
    }

    @Test(
        "A new master key seals what is new; rewrapping frees the old one, and everything is read with the new one alone"
    )
    func rotation() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let before = try await accept(world, try TestVault.make(pool, TestVault.first))
            let both = try TestVault.make(pool, TestVault.second, TestVault.first)
            let after = try await accept(world, both)
            let rotation = KeyRotation(vault: both)
            #expect(try await rotation.uses().map(\.dataKeys) == [1, 1])
            var progress: [Int] = []
            #expect(try await rotation.rewrap { done, _ in progress.append(done) } == 1)
            #expect(progress == [1])
            let uses = try await rotation.uses()
            #expect(uses.map(\.master) == ["file:first", "file:second"] && uses.map(\.dataKeys) == [0, 2])
            #expect(uses.map(\.isCurrent) == [false, true] && uses.allSatisfy(\.isConfigured))
            #expect(try await rotation.rewrap { _, _ in } == 0)
            let contents = try await claimer(world, try TestVault.make(pool, TestVault.second)).contents(of: [
                before.id, after.id,
            ])
            #expect(contents.known.count == 2)
            let old = await #expect(throws: SealingError.self) {
                try await TestVault.make(pool, TestVault.first).refresh()
            }
            #expect(old?.message.contains("'file:second'") == true)
        }
    }

    @Test("A data key is used for a day, and goes when nothing can be sealed under it any more")
    func dataKeys() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let vault = try TestVault.make(pool, TestVault.first)
            try await vault.refresh()
            try await vault.refresh()
            #expect(try await world.count("data_key") == 1)
            _ = try await pool.query("UPDATE data_key SET created_at = now() - interval '25 hours'")
            try await vault.refresh()
            #expect(try await world.count("data_key") == 2)
            #expect(try await vault.store.removeUnused().isEmpty, "bodies of those days may be there")
            _ = try await pool.query(
                "UPDATE data_key SET created_at = now() - interval '30 days' WHERE id = (SELECT min(id) FROM data_key)"
            )
            let kept = try await pool.query("SELECT min(id) FROM data_key").decode(Int32.self).first
            let secret = try #require(
                try await vault.seal(
                    [1, 2, 3],
                    at: SealedPlace(.pseudonymKey, tenantID: 0, id: PostgresUUID(high: 0, low: 0))
                )
            )
            _ = try await pool.query(
                """
                INSERT INTO pseudonym_key (key, is_sealed)
                SELECT set_byte(\(secret), 4, get_byte(\(secret), 4) - 1), true
                """
            )
            #expect(try await vault.store.removeUnused().isEmpty, "something is sealed under it")
            _ = try await pool.query("DELETE FROM pseudonym_key")
            #expect(try await vault.store.removeUnused() == [kept].compactMap(\.self))
            #expect(try await world.count("data_key") == 1)
        }
    }

    @Test("Whoever has a key configured writes nothing in the clear, not even when the data keys are gone")
    func neverClear() async throws {
        try await withDatabase { pool in
            let vault = try TestVault.make(pool, TestVault.first)
            try await vault.refresh()
            #expect(vault.isUsable)
            _ = try await pool.query("ALTER TABLE data_key RENAME TO data_key_away")
            let other = try TestVault.make(pool, TestVault.first)
            let place = SealedPlace(.body, tenantID: 1, id: PostgresUUID(high: 1, low: 1))
            let trouble = await #expect(throws: SealingError.self) { _ = try await other.seal([1], at: place) }
            #expect(trouble?.code == .unavailable && !other.isUsable)
            // Who has the keys goes on with them.
            await #expect(throws: SealingError.self) { try await vault.refresh() }
            let sealed = try await vault.seal([1], at: place)
            #expect(sealed != nil && vault.isUsable)
        }
    }

    @Test("What recipients of a broadcast have of their own is sealed each for itself")
    func recipientData() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let vault = try TestVault.make(pool, TestVault.first)
            var message = try world.message(recipients: [])
            let frame = TemplatedContent.Frame(
                from: "Shop <shop@apa.example>",
                replyTo: [],
                headers: [],
                source: .fixed(TemplateSource(subject: "S", text: "T", html: nil))
            )
            message.content = try StoredContent(
                TemplatedContent(frame: frame, data: .object([:]), isEach: true),
                filledSize: 2
            )
            var rest = (1...3).map {
                BroadcastRecipient(email: "r\($0)@x.example", data: Array(#"{"code": \#($0)}"#.utf8))
            }
            rest.append(BroadcastRecipient(email: "r4@x.example", data: nil))
            _ = try await BroadcastWriter(pool: pool, vault: vault, logger: Logger(label: "test")).accept(
                message,
                count: 4
            ) {
                defer { rest = [] }
                return rest
            }
            let stored = try await pool.query("SELECT data FROM recipient_data").decode([UInt8].self)
            #expect(stored.count == 3 && stored.allSatisfy { !String(decoding: $0, as: UTF8.self).contains("code") })
            let rows = (1...4).compactMap { message.id.outbox($0) }
            let own = try await claimer(world, vault).data(of: rows)
            #expect(own.values.count == 3 && own.damaged.isEmpty)
            #expect(own.values[rows[1]] == .object(["code": .integer(2)]), "\(own.values)")
            await #expect(throws: SealingError.self) { _ = try await claimer(world, nil).data(of: rows) }
        }
    }

    @Test("Webhook secrets are sealed, sign while they are, stay through a rotation, and older ones are sealed anew")
    func secrets() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let tenant = try #require(world.directory.tenant(named: "apa")?.id)
            let plain = EndpointStore(pool: pool)
            let before = try await plain.create(EndpointChange(url: "https://a.example/"), tenantID: tenant, actor: "t")
            let vault = try TestVault.make(pool, TestVault.first)
            let store = EndpointStore(pool: pool, vault: vault)
            let issued = try await store.create(EndpointChange(url: "https://b.example/"), tenantID: tenant, actor: "t")
            let second = try await store.rotate(issued.endpoint.id, overlap: 3600, tenantID: tenant, actor: "t")
            #expect(try await SecretSealing(pool: pool, vault: vault).run() == 1)
            #expect(try await SecretSealing(pool: pool, vault: vault).run() == 0)
            let rows = try await pool.query(
                "SELECT id, secret, secret_sealed, old_secret, old_secret_sealed FROM webhook_endpoint ORDER BY created_at"
            ).decode(PostgresUUID.self, [UInt8].self, Bool.self, [UInt8]?.self, Bool.self)
            let expected = [[before.secret], [second.secret, issued.secret]]
            for (row, secrets) in zip(rows, expected) {
                #expect(row.2)
                let now = try await StoredSecret(bytes: row.1, isSealed: row.2).secret(
                    endpoint: row.0,
                    tenantID: tenant,
                    vault: vault
                )
                #expect(now.text == secrets[0])
                guard secrets.count > 1, let old = row.3 else { continue }
                #expect(row.4)
                let last = try await StoredSecret(bytes: old, isSealed: row.4).secret(
                    endpoint: row.0,
                    tenantID: tenant,
                    vault: vault
                )
                #expect(last.text == secrets[1])
            }
            let swapped = try #require(rows.last)
            await #expect(throws: SealingError.self) {
                _ = try await StoredSecret(bytes: rows[0].1, isSealed: true)
                    .secret(endpoint: swapped.0, tenantID: tenant, vault: vault)
            }
        }
    }
}

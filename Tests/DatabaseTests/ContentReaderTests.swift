import Directory
import Logging
import Mail
import Outbox
import Postgres
import Testing

@Suite("What messages say")
struct ContentReaderTests {
    @Test("A tenant's own message is read until retention removes what it said; another's never is")
    func reads() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let message = try world.message()
            try await world.accept([message])
            let reader = ContentReader(pool: pool, vault: nil)
            guard case .whole(.raw(let bytes))? = try await reader.content(of: message.id, tenantID: message.tenantID)
            else {
                Issue.record("it is not read")
                return
            }
            #expect(bytes == Array("MIME".utf8))
            let other = try #require(world.directory.tenant(named: "standard")?.id)
            let stranger = try await reader.content(of: message.id, tenantID: other)
            if case .some = stranger { Issue.record("another tenant reads it") }
            _ = try await pool.query("DELETE FROM body")
            guard case .removed? = try await reader.content(of: message.id, tenantID: message.tenantID) else {
                Issue.record("it is not said to be removed")
                return
            }
        }
    }

    @Test("What is sealed is opened where the key is, and said to be sealed where it is not")
    func sealed() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let message = try world.message()
            let vault = try TestVault.make(pool, TestVault.first)
            let writer = AcceptWriter(pool: pool, vault: vault, logger: Logger(label: "test"))
            try await withThrowingTaskGroup { group in
                group.addTask { try await writer.run() }
                try await writer.accept(message)
                group.cancelAll()
            }
            guard
                case .whole(.raw(let bytes))? = try await ContentReader(pool: pool, vault: vault)
                    .content(of: message.id, tenantID: message.tenantID)
            else {
                Issue.record("it is not opened")
                return
            }
            #expect(bytes == Array("MIME".utf8))
            guard
                case .sealed? = try await ContentReader(pool: pool, vault: nil)
                    .content(of: message.id, tenantID: message.tenantID)
            else {
                Issue.record("it is not said to be sealed")
                return
            }
        }
    }
}

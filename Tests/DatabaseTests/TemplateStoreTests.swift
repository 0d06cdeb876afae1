import Directory
import Mail
import Postgres
import Testing

/// Templates in the database: versions, and who sees them.
@Suite("Template store") struct TemplateStoreTests {
    private func source(_ text: String) -> TemplateSource { TemplateSource(subject: "S", text: text, html: nil) }

    @Test("Versions follow each other; each stays what it was, also of a template that is gone")
    func versions() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let store = TemplateStore(pool: pool)
            let shelf = TemplateShelf(pool: pool)
            let apa = try #require(world.directory.tenant(named: "apa")?.id)
            let other = try #require(world.directory.tenant(named: "standard")?.id)
            #expect(try await store.create("news", source("one"), tenantID: apa).version == 1)
            await #expect(throws: DirectoryError.self) { try await store.create("news", source("x"), tenantID: apa) }
            #expect(try await store.create("news", source("other"), tenantID: other).version == 1)
            let reference = try #require(TemplateReference("news"))
            let first = try #require(try await shelf.resolve(reference, tenantID: apa))
            #expect(first.template.source.text == "one")
            #expect(try await store.replace("news", source("one"), tenantID: apa)?.version == 1, "nothing new")
            #expect(try await store.replace("news", source("two"), tenantID: apa)?.version == 2)
            #expect(try await store.replace("none", source("two"), tenantID: apa) == nil)
            #expect(try await shelf.resolve(reference, tenantID: apa)?.template.source.text == "two")
            let old = try #require(TemplateReference("news@1"))
            #expect(try await shelf.resolve(old, tenantID: apa)?.number == first.number)
            #expect(try await shelf.resolve(old, tenantID: other)?.template.source.text == "other")
            let versions = try await store.versions(of: "news", tenantID: apa, limit: 10, after: nil, before: nil)
            #expect(versions?.map(\.version) == [2, 1])
            #expect(try await store.versions(of: "news", tenantID: 999, limit: 10, after: nil, before: nil) == nil)
            #expect(try await store.template("news", version: 1, tenantID: apa)?.source.text == "one")
            #expect(try await store.delete("news", tenantID: apa))
            #expect(try await store.delete("news", tenantID: apa) == false)
            #expect(try await shelf.resolve(reference, tenantID: apa) == nil)
            #expect(try await store.template("news", version: nil, tenantID: apa) == nil)
            let late = TemplateShelf(pool: pool)
            #expect(try await late.template(first.number)?.source.text == "one", "for mail that waits")
            #expect(try await store.create("news", source("again"), tenantID: apa).version == 1)
            #expect(
                try await store.templates(tenantID: other, limit: 5, after: nil, before: nil).map(\.name) == ["news"]
            )
        }
    }

    @Test("A version goes sixty days after it was replaced, unless it is still asked for")
    func retirement() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let store = TemplateStore(pool: pool)
            let apa = try #require(world.directory.tenant(named: "apa")?.id)
            _ = try await store.create("news", source("one"), tenantID: apa)
            _ = try await store.replace("news", source("two"), tenantID: apa)
            _ = try await store.replace("news", source("three"), tenantID: apa)
            _ = try await pool.query("UPDATE template_version SET retired_at = retired_at - interval '61 days'")
            let pinned = try #require(TemplateReference("news@2"))
            #expect(try await store.number(of: pinned, tenantID: apa) != nil)
            _ = try await store.replace("news", source("four"), tenantID: apa)
            let versions = try await store.versions(of: "news", tenantID: apa, limit: 10, after: nil, before: nil)
            #expect(versions?.map(\.version) == [4, 3, 2])
        }
    }
}

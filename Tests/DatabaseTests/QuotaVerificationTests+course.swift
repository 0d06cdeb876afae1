import Directory
import Foundation
import Postgres
import Testing

@testable import Dispatching

extension QuotaVerificationTests {
    private func look(_ course: inout AuditCourse, at seconds: Double, _ world: World) async throws -> AuditCourse.News?
    {
        let account = try #require(try await DirectoryLoader.load(world.pool).account(named: "main"))
        return try await course.look(
            at: account,
            in: world.pool,
            now: start.addingTimeInterval(seconds + AuditCourse.lag)
        )
    }

    @Test("The audit sees a window across two of its looks, once, and counts each recipient once")
    func acrossLooks() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            try await samples(world, node: "one")
            var course = AuditCourse()
            #expect(try await look(&course, at: -140, world) == nil)
            #expect(try await look(&course, at: 0, world) == nil, "what it covers began before the terms were known")
            try await send(world, share: "AT", count: 30, at: 119.6, apart: 0.001)
            try await send(world, share: "other", count: 21, at: 120.2, apart: 0.001)
            let first = try #require(try await look(&course, at: 120, world))
            #expect(first.windows.isEmpty && first.recipients == 30)
            let second = try #require(try await look(&course, at: 180, world))
            #expect(second.windows.map(\.most) == [51] && second.recipients == 21)
            let third = try #require(try await look(&course, at: 240, world))
            #expect(third.windows.isEmpty && third.recipients == 0)
        }
    }

    @Test("A window just before a look's end is counted by that look alone")
    func beforeTheEnd() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            try await samples(world, node: "one")
            var course = AuditCourse()
            for seconds in [-140.0, 0] { _ = try await look(&course, at: seconds, world) }
            try await send(world, share: "other", count: 51, at: 119.5, apart: 0.001)
            #expect(try await look(&course, at: 120, world)?.windows.map(\.most) == [51])
            #expect(try await look(&course, at: 180, world)?.windows.isEmpty == true)
        }
    }

    @Test("What was sent while the terms changed is not looked at")
    func otherTerms() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            try await samples(world, node: "one")
            var course = AuditCourse()
            for seconds in [-140.0, 0] { _ = try await look(&course, at: seconds, world) }
            try await send(world, share: "other", count: 51, at: 90, apart: 0.001)
            _ = try await pool.query("UPDATE account SET version = version + 1")
            #expect(try await look(&course, at: 120, world) == nil)
            #expect(try await look(&course, at: 180, world) == nil)
            #expect(try await look(&course, at: 300, world) == nil)
            #expect(try await look(&course, at: 360, world)?.windows.isEmpty == true)
        }
    }
}

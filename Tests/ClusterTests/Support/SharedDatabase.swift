import DevDatabase
import Foundation
import Logging
import Testing

/// One PostgreSQL for all tests of a suite, which make databases of their own in it.
struct SharedDatabaseTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await DatabaseServer.with { server in
            try await DatabaseServer.$shared.withValue(server) { try await function() }
        }
    }
}

extension Trait where Self == SharedDatabaseTrait {
    static var sharedDatabase: Self { Self() }
}

enum DatabaseServer {
    /// The suite's server.
    @TaskLocal static var shared: PrivatePostgres?

    /// Runs `body` with a server of its own, whose data are removed afterwards.
    static func with(
        durability: PrivatePostgres.Durability = .none,
        settings: [String: String] = [:],
        _ body: (PrivatePostgres) async throws -> Void
    ) async throws {
        var logger = Logger(label: "test.postgres")
        logger.logLevel = .error
        let folder = "/tmp/sluice-cluster-\(UUID().uuidString)"
        let server = PrivatePostgres(
            configuration: .init(folder: folder, durability: durability, settings: settings),
            logger: logger
        )
        try await server.start()
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(server))
        } catch {
            result = .failure(error)
        }
        await server.stop(mode: .immediate)
        try? await PrivatePostgres.removeData(folder: folder)
        try result.get()
    }

    /// Runs `body` with a primary of its own and a standby, both running; commits wait for it when `isSynchronous`.
    static func withPair(
        isSynchronous: Bool,
        _ body: (_ primary: PrivatePostgres, _ standby: PrivatePostgres) async throws -> Void
    ) async throws {
        try await with(durability: .full) { primary in
            let folder = primary.configuration.folder + "-standby"
            let standby = try await primary.makeStandby(folder: folder)
            try await standby.start()
            if isSynchronous { try await primary.waitForStandbys(1) }
            let result: Result<Void, any Error>
            do {
                result = .success(try await body(primary, standby))
            } catch {
                result = .failure(error)
            }
            await standby.stop(mode: .immediate)
            try? await PrivatePostgres.removeData(folder: folder)
            try result.get()
        }
    }
}

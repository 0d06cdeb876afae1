import Foundation

/// A database with nothing but Sluice's schema.
enum LimitDatabase {
    private static let name = "limit"

    static func with<Value>(_ server: DatabaseServer, _ body: (String) async throws -> Value) async throws -> Value {
        try await server.createDatabase(name)
        let migrate = Program(
            path: try SluiceProgram.path(),
            arguments: ["migrate"],
            environment: [
                "PATH": Program.searchPath,
                "SLUICE_DATABASE_URL": server.url(name),
            ]
        )
        let result: Result<Value, any Error>
        do {
            try await migrate.run()
            result = .success(try await body(name))
        } catch {
            result = .failure(error)
        }
        try? await server.dropDatabase(name)
        return try result.get()
    }
}

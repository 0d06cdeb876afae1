import Outbound
import ServiceLifecycle

/// Ends an HTTP client's thread after everything that uses it.
struct HTTPClientService: Service {
    let client: HTTPClient

    func run() async throws {
        try? await gracefulShutdown()
        await client.shutdown()
    }
}

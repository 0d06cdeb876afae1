import Outbound
import Postgres
import Sealing
import ServiceLifecycle
import Telemetry
import Webhooks

extension Node {
    /// What tells tenants' endpoints what the feed says. Endpoints have an HTTP client of their own, so that no connection is
    /// shared with what is not theirs.
    func webhooks(pool: PostgresPool, vault: Vault, tracer: Tracer?) throws -> [any Service] {
        let networks = try configuration.webhooks.allowNetworks.map { text in
            guard let network = Network(text) else {
                throw CommandFailure(
                    "webhooks.allow_networks: '\(text)' is not a network such as 10.1.0.0/16 or fd00::/8, without host bits"
                )
            }
            return network
        }
        let client = try HTTPClient(configuration: WebhookDispatcher.clientConfiguration, logger: logger)
        let dispatcher = WebhookDispatcher(
            pool: pool,
            client: client,
            egress: EgressPolicy(allowing: networks),
            allowsHTTP: configuration.webhooks.allowHTTP,
            vault: vault,
            tracer: tracer,
            logger: logger
        )
        let fanOut = FanOut(pool: pool, logger: logger) { dispatcher.wake() }
        return [HTTPClientService(client: client), dispatcher, fanOut]
    }
}

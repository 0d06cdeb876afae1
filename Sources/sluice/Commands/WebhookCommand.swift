import ArgumentParser
import Directory
import Foundation
import Top
import Webhooks

struct WebhookCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhook",
        abstract: "Show a tenant's webhooks and what became of their deliveries.",
        subcommands: [List.self, Show.self],
        defaultSubcommand: List.self
    )

    /// An endpoint for people who run the gateway: of its URL the host alone, because the rest may hold a secret.
    struct Line: Encodable {
        let id: String
        let host: String
        let description: String
        let status: String
        let disabled_reason: String?
        let disabled_at: Date?
        let failing_since: Date?
        let events: [String]?
        let max_rate: Int?
        let created_at: Date

        init(_ endpoint: WebhookEndpoint) {
            id = endpoint.id.uuidString.lowercased()
            host = URLComponents(string: endpoint.url)?.host ?? ""
            description = endpoint.description
            status = endpoint.status.rawValue
            disabled_reason = endpoint.disabledReason
            disabled_at = endpoint.disabledAt
            failing_since = endpoint.failingSince
            events = endpoint.events
            max_rate = endpoint.maxRate
            created_at = endpoint.createdAt
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List a tenant's webhooks, newest first.")

        @OptionGroup var options: DatabaseOptions

        @Option(name: .long, help: "The tenant.")
        var tenant: String

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        func run() async throws {
            let lines = try await DatabaseAccess.withPool(options) { pool in
                let id = try await TenantChoice.find(tenant, pool).id
                return try await EndpointStore(pool: pool).endpoints(
                    tenantID: id,
                    limit: EndpointStore.limit,
                    after: nil,
                    before: nil
                ).map(Line.init)
            }
            if json { return try Output.json(lines) }
            Output.table(
                ["ID", "HOST", "STATUS", "FAILING", "DESCRIPTION"],
                lines.map { line in
                    [
                        line.id, line.host,
                        line.disabled_reason.map { "\(line.status) (\($0))" } ?? line.status,
                        AgeText.since(line.failing_since), line.description,
                    ]
                }
            )
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one webhook with its last deliveries.")

        @OptionGroup var options: DatabaseOptions

        @Option(name: .long, help: "The tenant.")
        var tenant: String

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        @Argument(help: "The webhook's id.")
        var id: String

        private struct Delivery: Encodable {
            let id: String
            let event_id: String
            let type: String
            let message_id: String?
            let replay: Bool
            let status: String
            let created_at: Date
            let next_attempt_at: Date?

            init(_ delivery: WebhookDelivery) {
                id = delivery.id.uuidString.lowercased()
                event_id = delivery.eventID.uuidString.lowercased()
                type = delivery.type
                message_id = delivery.messageID
                replay = delivery.isReplay
                status = delivery.status.name
                created_at = delivery.createdAt
                next_attempt_at = delivery.nextAttemptAt
            }
        }

        private struct Answer: Encodable {
            let webhook: Line
            let deliveries: [Delivery]
        }

        func run() async throws {
            guard let uuid = UUID(uuidString: id) else { throw CommandFailure("'\(id)' is no webhook's id") }
            let answer = try await DatabaseAccess.withPool(options) { pool in
                let tenantID = try await TenantChoice.find(tenant, pool).id
                guard let endpoint = try await EndpointStore(pool: pool).endpoint(uuid, tenantID: tenantID) else {
                    throw CommandFailure("tenant \(tenant) has no webhook with this id")
                }
                let page = try await DeliveryLog(pool: pool).deliveries(
                    endpoint: uuid,
                    tenantID: tenantID,
                    filter: DeliveryLog.Filter(),
                    limit: 20,
                    after: nil,
                    before: nil
                )
                return Answer(webhook: Line(endpoint), deliveries: (page?.deliveries ?? []).map(Delivery.init))
            }
            if json { return try Output.json(answer) }
            let webhook = answer.webhook
            Output.line("\(webhook.id)  \(webhook.host)  \(webhook.status) \(webhook.disabled_reason ?? "")")
            Output.table(
                ["DELIVERY", "TYPE", "STATUS", "MADE", "NEXT"],
                answer.deliveries.map { delivery in
                    [
                        delivery.id, delivery.type, delivery.status, delivery.created_at.formatted(.iso8601),
                        delivery.next_attempt_at?.formatted(.iso8601) ?? "",
                    ]
                }
            )
        }
    }
}

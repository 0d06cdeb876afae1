import Foundation
import Gateway
import Mail
import Synchronization

@testable import Webhooks

/// Webhooks in memory, by tenant; what is asked of them is kept.
final class TestWebhooks: EndpointKeeping, DeliveryReading, Replaying {
    struct State {
        var endpoints: [(tenantID: Int32, endpoint: WebhookEndpoint)] = []
        /// Newest first.
        var deliveries: [WebhookDelivery] = []
        /// Where the log's reader stops early.
        var edge: UUID?
        var calls: [String] = []
        var missedSince: Date?
        var nextID = 1
    }

    static let secret = "whsec_c2VjcmV0"

    private let state = Mutex(State())

    func set(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }
    var calls: [String] { state.withLock { $0.calls } }

    static func id(_ number: Int) -> UUID {
        UUID(uuidString: "018f0000-0000-7000-8000-" + String(format: "%012x", number)) ?? UUID()
    }

    func create(_ settings: EndpointChange, tenantID: Int32, actor: String) async throws -> EndpointStore.Issued {
        let endpoint = state.withLock { state in
            let endpoint = Self.endpoint(id: Self.id(state.nextID), settings)
            state.nextID += 1
            state.endpoints.insert((tenantID, endpoint), at: 0)
            state.calls.append("create by \(actor)")
            return endpoint
        }
        return EndpointStore.Issued(endpoint: endpoint, secret: Self.secret)
    }

    func endpoints(tenantID: Int32, limit: Int, after: UUID?, before: UUID?) async throws -> [WebhookEndpoint] {
        let all = state.withLock { $0.endpoints.filter { $0.tenantID == tenantID }.map(\.endpoint) }
        return Self.page(all, by: \.id, limit: limit, after: after, before: before)
    }

    func endpoint(_ id: UUID, tenantID: Int32) async throws -> WebhookEndpoint? { find(id, tenantID) }

    func change(
        _ id: UUID,
        _ change: EndpointChange,
        tenantID: Int32,
        actor: String
    ) async throws -> EndpointStore.Changed {
        let endpoint = try require(id, tenantID)
        set { $0.calls.append("change \(change.names.joined(separator: ", ")) by \(actor)") }
        var merged = EndpointChange(
            url: endpoint.url,
            description: endpoint.description,
            events: .some(endpoint.events),
            filter: endpoint.filter,
            maxRate: .some(endpoint.maxRate)
        )
        if let url = change.url { merged.url = url }
        if let events = change.events { merged.events = .some(events) }
        if let filter = change.filter { merged.filter = filter }
        if let rate = change.maxRate { merged.maxRate = .some(rate) }
        merged.status = change.status
        return EndpointStore.Changed(
            endpoint: Self.endpoint(id: id, merged),
            missedSince: state.withLock { $0.missedSince }
        )
    }

    func delete(_ id: UUID, tenantID: Int32, actor: String) async throws {
        _ = try require(id, tenantID)
        set { $0.endpoints.removeAll { $0.endpoint.id == id } }
    }

    func rotate(_ id: UUID, overlap: Int, tenantID: Int32, actor: String) async throws -> EndpointStore.Issued {
        let endpoint = try require(id, tenantID)
        set { $0.calls.append("rotate \(overlap) by \(actor)") }
        return EndpointStore.Issued(endpoint: endpoint, secret: Self.secret)
    }

    func test(_ id: UUID, type: String, tenantID: Int32) async throws -> EndpointStore.Test {
        guard try require(id, tenantID).status == .active else { throw EndpointError.disabled }
        set { $0.calls.append("test \(type)") }
        return EndpointStore.Test(delivery: Self.id(900), eventID: Self.id(901))
    }

    func deliveries(
        endpoint: UUID,
        tenantID: Int32,
        filter: DeliveryLog.Filter,
        limit: Int,
        after: UUID?,
        before: UUID?
    ) async throws -> DeliveryLog.Page? {
        guard find(endpoint, tenantID) != nil else { return nil }
        let matching = state.withLock { $0.deliveries }.filter { delivery in
            (filter.status.map { $0 == delivery.status } ?? true) && (filter.type.map { $0 == delivery.type } ?? true)
        }
        return DeliveryLog.Page(
            deliveries: Self.page(matching, by: \.id, limit: limit, after: after, before: before),
            edge: state.withLock { $0.edge }
        )
    }

    func delivery(_ id: UUID, endpoint: UUID, tenantID: Int32) async throws -> WebhookDelivery? {
        guard find(endpoint, tenantID) != nil else { return nil }
        return state.withLock { $0.deliveries.first { $0.id == id } }
    }

    func replay(_ delivery: UUID, endpoint: UUID, tenantID: Int32, actor: String) async throws -> UUID {
        guard try require(endpoint, tenantID).status == .active else { throw EndpointError.disabled }
        set { $0.calls.append("replay \(delivery.uuidString.lowercased())") }
        return Self.id(902)
    }

    func replay(from: Date, to: Date, endpoint: UUID, tenantID: Int32, actor: String) async throws -> ReplayStore.Window
    {
        guard try require(endpoint, tenantID).status == .active else { throw EndpointError.disabled }
        set { $0.calls.append("replay \(Int(from.timeIntervalSince1970)) \(Int(to.timeIntervalSince1970))") }
        return ReplayStore.Window(id: Self.id(903), events: 12)
    }

    private func find(_ id: UUID, _ tenantID: Int32) -> WebhookEndpoint? {
        state.withLock { $0.endpoints.first { $0.tenantID == tenantID && $0.endpoint.id == id }?.endpoint }
    }

    private func require(_ id: UUID, _ tenantID: Int32) throws -> WebhookEndpoint {
        guard let endpoint = find(id, tenantID) else { throw EndpointError.noEndpoint }
        return endpoint
    }

    static func endpoint(id: UUID, _ settings: EndpointChange) -> WebhookEndpoint {
        WebhookEndpoint(
            id: id,
            url: settings.url ?? "",
            description: settings.description ?? "",
            events: settings.events ?? nil,
            filter: settings.filter ?? FilterSettings(),
            maxRate: settings.maxRate ?? nil,
            status: settings.status ?? .active,
            disabledReason: nil,
            disabledAt: nil,
            failingSince: nil,
            oldSecretUntil: nil,
            createdAt: Date(timeIntervalSince1970: 1_700_000_000),
            version: 1
        )
    }

    /// Newest first, as the stores do it.
    private static func page<Item>(
        _ items: [Item],
        by id: (Item) -> UUID,
        limit: Int,
        after: UUID?,
        before: UUID?
    ) -> [Item] {
        func text(_ item: Item) -> String { id(item).uuidString }
        if let before { return Array(items.filter { text($0) > before.uuidString }.suffix(limit)) }
        return Array(items.filter { item in after.map { text(item) < $0.uuidString } ?? true }.prefix(limit))
    }
}

public import Foundation
public import Webhooks

/// Keeps tenants' webhook endpoints. Refuses with `EndpointError`.
public protocol EndpointKeeping: Sendable {
    func create(_ settings: EndpointChange, tenantID: Int32, actor: String) async throws -> EndpointStore.Issued
    /// Newest first; `after` is for older ones, `before` for newer ones.
    func endpoints(tenantID: Int32, limit: Int, after: UUID?, before: UUID?) async throws -> [WebhookEndpoint]
    func endpoint(_ id: UUID, tenantID: Int32) async throws -> WebhookEndpoint?
    func change(
        _ id: UUID,
        _ change: EndpointChange,
        tenantID: Int32,
        actor: String
    ) async throws -> EndpointStore.Changed
    func delete(_ id: UUID, tenantID: Int32, actor: String) async throws
    func rotate(_ id: UUID, overlap: Int, tenantID: Int32, actor: String) async throws -> EndpointStore.Issued
    func test(_ id: UUID, type: String, tenantID: Int32) async throws -> EndpointStore.Test
}

/// Says what became of deliveries; nil where the tenant has no such endpoint.
public protocol DeliveryReading: Sendable {
    /// Newest first; `after` is for older ones, `before` for newer ones.
    func deliveries(
        endpoint: UUID,
        tenantID: Int32,
        filter: DeliveryLog.Filter,
        limit: Int,
        after: UUID?,
        before: UUID?
    ) async throws -> DeliveryLog.Page?
    func delivery(_ id: UUID, endpoint: UUID, tenantID: Int32) async throws -> WebhookDelivery?
}

/// Takes requests to deliver again. Refuses with `EndpointError`.
public protocol Replaying: Sendable {
    func replay(_ delivery: UUID, endpoint: UUID, tenantID: Int32, actor: String) async throws -> UUID
    func replay(from: Date, to: Date, endpoint: UUID, tenantID: Int32, actor: String) async throws -> ReplayStore.Window
}

extension EndpointStore: EndpointKeeping {}
extension DeliveryLog: DeliveryReading {}
extension ReplayStore: Replaying {}

/// What the routes of webhooks stand on.
public struct WebhookServices: Sendable {
    let endpoints: any EndpointKeeping
    let deliveries: any DeliveryReading
    let replays: any Replaying
    let check: EndpointCheck

    /// - Parameter allowsHTTP: whether an endpoint's URL may begin with `http://`.
    public init(
        endpoints: any EndpointKeeping,
        deliveries: any DeliveryReading,
        replays: any Replaying,
        allowsHTTP: Bool = false
    ) {
        self.endpoints = endpoints
        self.deliveries = deliveries
        self.replays = replays
        check = EndpointCheck(allowsHTTP: allowsHTTP)
    }
}

import Foundation
import HTTPTypes
import Hummingbird

@testable import Gateway

/// Operations by method and path, as the documents write them: `GET /messages/{id}`.
enum RouteNames {
    /// Without those of the dashboards, which are pages for people and no part of the API.
    static func of(_ router: Router<GatewayContext>) -> Set<String> {
        Set(router.routes.filter { $0.method != .head }.map { "\($0.method.rawValue) \(template($0.path))" })
            .filter { !$0.contains(" /dashboard") }
    }

    static func of(_ document: JSONValue) -> Set<String> {
        Set(
            (document["paths"]?.members ?? []).flatMap { path, methods in
                methods.members.map { "\($0.0.uppercased()) \(path)" }
            }
        )
    }

    /// `:id` is `{id}`, and what takes all that is left is `{path}`.
    private static func template(_ path: RouterPath) -> String {
        "/"
            + path.description.split(separator: "/").map { part in
                if part == "**" { return "{path}" }
                return part.hasPrefix(":") ? "{\(part.dropFirst())}" : String(part)
            }.joined(separator: "/")
    }
}

/// This checkout.
enum Checkout {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }
}

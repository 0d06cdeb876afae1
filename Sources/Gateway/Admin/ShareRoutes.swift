import Directory
import HTTPTypes
import Hummingbird

/// `/admin/accounts/{name}/shares`: the tree with live figures, the whole of it to be replaced, and one share to be changed.
struct ShareRoutes: Sendable {
    let services: AdminServices
    let bodies: AdminBodyReader

    func add(to group: RouterGroup<AdminContext>) {
        let shares = group.group("accounts/:name/shares")
        shares.get { request, context in
            _ = try RequestQuery(request)
            return try await answer(context.name)
        }
        shares.put { request, context in try await put(request, context) }
        shares.patch("**") { request, context in try await patch(request, context) }
    }

    private func put(_ request: Request, _ context: AdminContext) async throws -> Response {
        let isDryRun = try RequestQuery.isDryRun(request)
        // A dry run overwrites nothing.
        let version =
            isDryRun ? try IfMatch.condition(request.headers) ?? .any : try IfMatch.required(request.headers)
        let tree = try await bodies.read(
            ShareTreeDocument.self,
            from: request,
            context: context,
            code: .invalidShares
        )
        let change: AccountChange
        do {
            change = try await services.accounts.putShares(
                account: context.name,
                shares: tree,
                version: version,
                dryRun: isDryRun,
                actor: context.actor
            )
        } catch let error as DirectoryError where error.code == .invalidShares {
            throw Problem.shares(error, at: Self.pointer)
        }
        return isDryRun ? Response(change.json) : try await answer(context.name, changes: change)
    }

    private func patch(_ request: Request, _ context: AdminContext) async throws -> Response {
        let isDryRun = try RequestQuery.isDryRun(request)
        let version = try IfMatch.condition(request.headers) ?? .any
        // Of all that stands in a share's path, careful clients encode the slashes only.
        let path = context.parameters.getCatchAll().joined(separator: "/").replacing(/%2f/.ignoresCase(), with: "/")
        let wanted = try await bodies.read(ShareChange.self, from: request, context: context, code: .invalidShares)
        let change: AccountChange
        do {
            change = try await services.accounts.patchShare(
                account: context.name,
                path: path,
                change: wanted,
                version: version,
                dryRun: isDryRun,
                actor: context.actor
            )
        } catch let error as DirectoryError where error.code == .invalidShares {
            throw Problem.shares(error) { _ in wanted.firstMember }
        }
        return isDryRun ? Response(change.json) : try await answer(context.name, changes: change)
    }

    private func answer(_ name: String, changes: AccountChange? = nil) async throws -> Response {
        let account = try await services.account(name)
        let tree = ShareTreeView(account: account, figures: try await services.cluster.figures(of: account))
        return Response(tree.json(changes: changes)).tagged(account)
    }

    /// `UK/apa` is at `/shares/UK/shares/apa`, and the account itself at `/shares`.
    private static func pointer(_ path: String) -> String {
        path.isEmpty ? "/shares" : path.split(separator: "/").map { "/shares/\($0)" }.joined()
    }
}

extension ShareChange {
    /// The pointer to what most likely went too far.
    fileprivate var firstMember: String {
        if rate != nil { return "/rate" }
        return ceiling != nil ? "/ceiling" : "/weight"
    }
}

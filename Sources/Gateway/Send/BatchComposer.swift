import Directory
import FoundationEssentials
import Mail
import Outbox

/// Makes one submission of many messages: all of them, or those that are right.
struct BatchComposer {
    private enum Item: Sendable {
        case message(id: String)
        case problem(JSONValue)
    }

    /// How long all messages of a batch may take to be made.
    private static let timeout = Duration.seconds(20)

    let composer: MessageComposer
    let templates: any TemplateResolving

    /// - Throws: a problem for what is wrong with the request itself, and for any wrong message of an atomic one.
    func submission(
        from document: JSONDocument,
        key: IdempotencyKey?,
        tenant: Tenant,
        now: Date
    ) async throws -> Submission {
        let request: BatchRequest
        do throws(JSONFault) {
            request = try BatchRequest(document.root)
        } catch {
            throw Problem.invalidMessage([error.failure])
        }
        // One outside all messages is the whole request's problem.
        if document.repeated.outside != nil { try document.requireUnique() }
        var resolved: [String: Result<ResolvedTemplate?, Problem>] = [:]
        var messages: [NewMessage] = []
        var items: [Item] = []
        var failures: [ValidationFailure] = []
        let clock = ContinuousClock()
        let deadline = clock.now.advanced(by: Self.timeout)
        var turn = ThreadTurn()
        for (index, element) in request.messages.enumerated() {
            await turn.pass()
            guard clock.now < deadline else {
                throw Problem(.overloaded, "the batch takes too long; send fewer messages at once", retryAfter: 5)
            }
            let place = "/messages/\(index)"
            do {
                if let pointer = document.repeated.inMessages[index] {
                    throw Problem.invalidMessage([ValidationFailure(pointer: pointer, detail: "is given twice")])
                }
                let submitted = try Self.read(element, at: place)
                let template = try await template(of: submitted, tenant: tenant, known: &resolved, at: place)
                let message = try composed(submitted, template: template, tenant: tenant, now: now, at: place)
                messages.append(message)
                items.append(.message(id: message.id.description))
            } catch let problem as Problem {
                items.append(.problem(SendAnswer.refused(problem)))
                failures +=
                    problem.errors.isEmpty
                    ? [ValidationFailure(pointer: place, detail: problem.detail)] : problem.errors
            }
        }
        if request.isAtomic, !failures.isEmpty { throw Problem.invalidMessage(failures) }
        return Submission(
            tenantID: tenant.id,
            messages: messages,
            isAtomic: request.isAtomic,
            key: key,
            limits: tenant.limits.accept
        ) { [items] verdicts in
            var rest = verdicts[...]
            let data = items.map { item in
                switch item {
                case .message(let id): SendAnswer.decided(id, rest.popFirst())
                case .problem(let json): json
                }
            }
            return JSONValue.object([("data", .array(data))]).text
        }
    }

    private static func read(_ element: JSONElement, at place: String) throws(Problem) -> SendRequest {
        do throws(Problem) { return try SendRequest(of: element) } catch { throw error.at(place) }
    }

    /// What a message's `template` names, looked up once for all messages that name it. A database that does not answer is the
    /// whole request's problem and not a message's.
    private func template(
        of request: SendRequest,
        tenant: Tenant,
        known: inout [String: Result<ResolvedTemplate?, Problem>],
        at place: String
    ) async throws -> ResolvedTemplate? {
        guard let name = request.template else { return nil }
        if known[name] == nil {
            do {
                known[name] = .success(try await templates.template(of: request, tenantID: tenant.ownerID))
            } catch let problem as Problem {
                known[name] = .failure(problem)
            }
        }
        switch known[name] {
        case .success(let template): return template
        case .failure(let problem): throw problem.at(place)
        case nil: return nil
        }
    }

    private func composed(
        _ request: SendRequest,
        template: ResolvedTemplate?,
        tenant: Tenant,
        now: Date,
        at place: String
    ) throws(Problem) -> NewMessage {
        do {
            return try composer.message(from: request, tenant: tenant, now: now, template: template)
        } catch {
            throw (Problem(mapping: error) ?? .internalError()).at(place)
        }
    }
}

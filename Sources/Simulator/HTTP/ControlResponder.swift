import HTTPTypes
import Hummingbird
import NIOCore

/// The simulator's own routes, below `/_simulator/`:
///
/// | route | |
/// |---|---|
/// | `GET summary` | ``SimulatorSummary`` as JSON |
/// | `GET ledger`, `DELETE ledger` | NDJSON of all sends in the order of their count instants; `DELETE` forgets them |
/// | `GET messages?limit=&after=` | `{"data": [...], "dropped": n}`: the last accepted messages, or those after an id |
/// | `GET messages/{id}`, `DELETE messages` | one of them; forget them |
/// | `GET settings`, `PUT settings` | `{rate, daily, latency, strict}`, each optional; in force for the next request |
/// | `PUT identities` | an ``IdentitySettings`` document: an identity, and how it stands |
/// | `PUT faults`, `DELETE faults` | a ``FaultRules`` document, YAML or JSON; `DELETE` ends all faults |
///
/// ``EventResponder`` answers those of events.
///
/// Forgetting the ledger does not touch the rate's window or the 24 h quota.
struct ControlResponder: Sendable {
    let simulation: Simulation

    func respond(to request: Request, path: Substring) async throws -> Response {
        switch (request.method, path) {
        case (.get, "summary"): return Response(json: simulation.summary().json)
        case (.get, "ledger"): return ledger()
        case (.delete, "ledger"):
            simulation.withSES { ses, _ in ses.ledger.clear() }
            return Response(status: .noContent)
        case (.get, "messages"): return messages(request)
        case (.delete, "messages"):
            simulation.withSES { ses, _ in ses.messages.clear() }
            return Response(status: .noContent)
        case (.get, "settings"): return settings()
        case (.put, "settings"): return try await putSettings(request)
        case (.put, "identities"): return try await putIdentity(request)
        case (.put, "faults"): return try await putFaults(request)
        case (.delete, "faults"):
            simulation.install(FaultRules())
            return Response(status: .noContent)
        default:
            if request.method == .get, path.hasPrefix("messages/") { return message(String(path.dropFirst(9))) }
            return Response(refusal: "no such route", status: .notFound)
        }
    }

    private func ledger() -> Response {
        let simulation = simulation
        let snapshot = simulation.withSES { ses, _ in ses.ledger.snapshot }
        let body = ResponseBody { writer in
            var position = 0
            while let page = simulation.page(from: position, of: snapshot), !page.isEmpty {
                var lines: [UInt8] = []
                let texts = simulation.texts(of: page)
                for entry in page { entry.appendLine(to: &lines, texts: texts) }
                try await writer.write(ByteBuffer(bytes: lines))
                position += page.count
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: "application/x-ndjson"], body: body)
    }

    private func messages(_ request: Request) -> Response {
        let parameters = request.uri.queryParameters
        let limit = parameters["limit"].map { Int($0) ?? -1 } ?? 100
        guard limit >= 0 else { return Response(refusal: "limit: expected a number of messages") }
        let after = parameters["after"].map(String.init)
        let (list, dropped) = simulation.withSES { ses, _ in
            (ses.messages.list(after: after, limit: limit), ses.messages.dropped)
        }
        let body = ResponseBody { writer in
            try await writer.write(ByteBuffer(string: #"{"dropped":\#(dropped),"data":["#))
            for (index, message) in list.enumerated() {
                try await writer.write(ByteBuffer(bytes: (index == 0 ? [] : [UInt8(ascii: ",")]) + message.json))
            }
            try await writer.write(ByteBuffer(string: "]}"))
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: "application/json"], body: body)
    }

    private func message(_ id: String) -> Response {
        guard let message = simulation.withSES({ ses, _ in ses.messages[id] }) else {
            return Response(refusal: "no such message, or it was dropped", status: .notFound)
        }
        return Response(json: String(decoding: message.json, as: UTF8.self))
    }

    private func settings() -> Response {
        Response(json: simulation.withSES { ses, _ in ses.settingsJSON })
    }

    private func putSettings(_ request: Request) async throws -> Response {
        guard let body = try await request.wholeBody() else { return Response(refusal: "too large") }
        do throws(SimulatorError) {
            let settings = try SimulatorSettings(parsing: String(decoding: body, as: UTF8.self))
            simulation.withSES { ses, _ in ses.apply(settings) }
            return self.settings()
        } catch {
            return Response(refusal: error.message)
        }
    }

    private func putIdentity(_ request: Request) async throws -> Response {
        guard let body = try await request.wholeBody() else { return Response(refusal: "too large") }
        do throws(SimulatorError) {
            let settings = try IdentitySettings(parsing: String(decoding: body, as: UTF8.self))
            simulation.withSES { ses, _ in settings.apply(to: &ses.identities) }
            return Response(status: .noContent)
        } catch {
            return Response(refusal: error.message)
        }
    }

    private func putFaults(_ request: Request) async throws -> Response {
        guard let body = try await request.wholeBody() else { return Response(refusal: "too large") }
        do throws(SimulatorError) {
            let rules = try FaultRules(parsing: String(decoding: body, as: UTF8.self))
            simulation.install(rules)
            return settings()
        } catch {
            return Response(refusal: error.message)
        }
    }
}

import Foundation
import NIOCore
import NIOHTTP1
import Synchronization

/// A queue in memory that speaks as much of SQS as events need on their way to a node, and notes how long each took from when it
/// was put in until it was deleted. In this process, because a stand-in of another make takes a core for itself.
final class QueueServer: Sendable {
    fileprivate struct Message {
        let id: Int
        let body: String
        let at: Int64
    }

    fileprivate struct State {
        var waiting: [Message] = []
        var first = 0
        var taken: [Int: Int64] = [:]
        var count = 0
        var delays: [Double] = []
    }

    fileprivate struct Entry: Decodable {
        let Id: String
        let MessageBody: String?
        let ReceiptHandle: String?
    }

    private struct Request: Decodable {
        let Entries: [Entry]?
        let MaxNumberOfMessages: Int?
    }

    private let state = Mutex(State())

    /// Seconds from the queue to the deletion, of those that were deleted.
    var delays: [Double] { state.withLock(\.delays) }
    var isEmpty: Bool { state.withLock { $0.first == $0.waiting.count && $0.taken.isEmpty } }

    /// Forgets the delays so far.
    func begin() { state.withLock { $0.delays = [] } }

    /// Answers one call.
    func take(_ request: HTTPReceiver.Request) -> HTTPReceiver.Reply {
        guard let call = try? JSONDecoder().decode(Request.self, from: Data(request.body)) else {
            return HTTPReceiver.Reply(status: 400)
        }
        switch request.headers.first(name: "x-amz-target") {
        case "AmazonSQS.SendMessageBatch": return done(call.Entries ?? []) { state, entry in state.add(entry) }
        case "AmazonSQS.DeleteMessageBatch": return done(call.Entries ?? []) { state, entry in state.delete(entry) }
        case "AmazonSQS.ChangeMessageVisibilityBatch": return done(call.Entries ?? []) { _, _ in }
        case "AmazonSQS.ReceiveMessage": return receive(call.MaxNumberOfMessages ?? 1)
        case "AmazonSQS.GetQueueAttributes": return HTTPReceiver.Reply(body: Array(#"{"Attributes":{}}"#.utf8))
        default: return HTTPReceiver.Reply(status: 400)
        }
    }

    private func done(_ entries: [Entry], _ body: (inout State, Entry) -> Void) -> HTTPReceiver.Reply {
        state.withLock { state in
            for entry in entries { body(&state, entry) }
        }
        let ids = entries.map { #"{"Id":"\#($0.Id)"}"# }.joined(separator: ",")
        return HTTPReceiver.Reply(body: Array(#"{"Successful":[\#(ids)],"Failed":[]}"#.utf8))
    }

    private func receive(_ most: Int) -> HTTPReceiver.Reply {
        let messages = state.withLock { state in (0..<most).compactMap { _ in state.next() } }
        // A long poll, whose end is soon enough: events are late by half of it.
        guard !messages.isEmpty else { return HTTPReceiver.Reply(body: Array("{}".utf8), delay: .milliseconds(10)) }
        let encoder = JSONEncoder()
        let texts = messages.map { message in
            let body = (try? encoder.encode(message.body)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
            return """
                {"MessageId":"m\(message.id)","ReceiptHandle":"\(message.id)","Body":\(body),\
                "Attributes":{"ApproximateReceiveCount":"1"}}
                """
        }
        return HTTPReceiver.Reply(body: Array(#"{"Messages":[\#(texts.joined(separator: ","))]}"#.utf8))
    }
}

extension QueueServer.State {
    fileprivate mutating func add(_ entry: QueueServer.Entry) {
        count += 1
        waiting.append(QueueServer.Message(id: count, body: entry.MessageBody ?? "", at: BootTime.now()))
    }

    fileprivate mutating func next() -> QueueServer.Message? {
        guard first < waiting.count else { return nil }
        let message = waiting[first]
        first += 1
        if first == waiting.count || first > 1000 {
            waiting.removeFirst(first)
            first = 0
        }
        taken[message.id] = message.at
        return message
    }

    fileprivate mutating func delete(_ entry: QueueServer.Entry) {
        guard let id = entry.ReceiptHandle.flatMap({ Int($0) }), let at = taken.removeValue(forKey: id) else { return }
        delays.append(BootTime.seconds(at, BootTime.now()))
    }
}

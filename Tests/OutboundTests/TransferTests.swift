import Testing

@testable import Outbound

/// The decisions that libcurl's callbacks ask for, one by one.
@Suite struct TransferTests {
    private static func withTransfer(
        _ method: HTTPMethod = .post,
        body: String?,
        deadline: SendDeadline? = nil,
        _ check: (Transfer) throws -> Void
    ) async throws {
        var request = OutboundRequest(method: method, url: "http://127.0.0.1/", body: body.map { Array($0.utf8) })
        request.deadline = deadline
        let easy = try #require(CurlEasy())
        var failure: (any Error)?
        _ = await withCheckedContinuation { continuation in
            let transfer = Transfer(Call(request), continuation, easy: easy)
            do { try check(transfer) } catch { failure = error }
            transfer.resolve(.failure(.shutDown()))
        }
        if let failure { throw failure }
    }

    /// What the body callback would hand out next, `nil` for an abort.
    private static func piece(_ transfer: Transfer, room: Int) -> String? {
        var bytes = [UInt8](repeating: 0, count: room)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe transfer.provideBody(into: $0) }
        return count.map { String(decoding: bytes[..<$0], as: UTF8.self) }
    }

    @Test func `The body is handed out in pieces`() async throws {
        try await Self.withTransfer(body: "abcdefgh") { transfer in
            #expect(transfer.letThrough())
            #expect((0..<4).map { _ in Self.piece(transfer, room: 3) } == ["abc", "def", "gh", ""])
            #expect(transfer.isTaken)
        }
    }

    @Test func `The last piece stays back once the deadline has passed`() async throws {
        let deadline = SendDeadline(.now + .seconds(60))
        try await Self.withTransfer(body: "abcdefgh", deadline: deadline) { transfer in
            #expect(transfer.letThrough())
            #expect(Self.piece(transfer, room: 7) == "abcdefg")
            deadline.revoke()
            #expect(Self.piece(transfer, room: 7) == nil)
            #expect(transfer.refusal == .deadlinePassed)
            #expect(!transfer.isTaken)
        }
    }

    @Test func `A single piece stays back too, and the head`() async throws {
        let deadline = SendDeadline(.now + .seconds(60))
        try await Self.withTransfer(body: "abc", deadline: deadline) { transfer in
            #expect(transfer.letThrough())
            deadline.revoke()
            #expect(Self.piece(transfer, room: 7) == nil)
        }
        try await Self.withTransfer(body: nil, deadline: deadline) { transfer in
            #expect(!transfer.letThrough())
            #expect(transfer.refusal == .deadlinePassed)
            #expect(!transfer.wasLetThrough)
        }
    }

    @Test func `A deadline moved forward in time lets the request go`() async throws {
        let first = ContinuousClock.now + .milliseconds(20)
        let deadline = SendDeadline(first)
        deadline.extend(to: .now + .seconds(60))
        try await Task.sleep(until: first + .milliseconds(1), clock: .continuous)
        try await Self.withTransfer(body: "abc", deadline: deadline) { transfer in
            #expect(transfer.letThrough())
            #expect(Self.piece(transfer, room: 7) == "abc")
        }
    }

    @Test func `A second connection gets the request only if the first saw no end of it`() async throws {
        try await Self.withTransfer(body: "abc") { transfer in
            #expect(transfer.letThrough())
            #expect(transfer.letThrough(), "only the head had left")
            #expect(Self.piece(transfer, room: 1) == "a")
            #expect(!transfer.letThrough())
            #expect(transfer.refusal == .rewindRefused)
        }
        for (method, mayRepeat) in [(HTTPMethod.get, true), (.head, true), (.post, false), (.delete, false)] {
            try await Self.withTransfer(method, body: nil) { transfer in
                #expect(transfer.letThrough())
                #expect(transfer.letThrough() == mayRepeat)
            }
        }
        try await Self.withTransfer(.get, body: nil, deadline: SendDeadline(.now + .seconds(60))) { transfer in
            #expect(transfer.letThrough())
            #expect(!transfer.letThrough(), "a repeated request could become complete too late")
        }
    }
}

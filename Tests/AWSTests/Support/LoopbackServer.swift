import Foundation
import Glibc
import Synchronization

/// An HTTP server on loopback that answers every request as its handler says, and keeps the requests.
final class LoopbackServer: Sendable {
    typealias Handler = @Sendable (LoopbackRequest) -> LoopbackReply

    let port: UInt16
    private let listener: CInt
    private let handler: Handler
    private let received = Mutex<[LoopbackRequest]>([])

    init(_ handler: @escaping Handler) throws {
        (listener, port) = try Self.listen()
        self.handler = handler
        Thread.detachNewThread { [listener, self] in
            while true {
                let socket = accept(listener, nil, nil)
                guard socket >= 0 else { break }
                Thread.detachNewThread { self.serve(LoopbackConnection(socket: socket)) }
            }
            close(listener)
        }
    }

    /// Answers the first request with the first reply, and so on; the last reply repeats.
    convenience init(replies: [LoopbackReply]) throws {
        let next = Mutex(0)
        try self.init { _ in
            let index = next.withLock { next in
                defer { next += 1 }
                return min(next, replies.count - 1)
            }
            return replies[index]
        }
    }

    var url: String { "http://127.0.0.1:\(port)" }

    /// Whole requests, in the order in which they came in.
    var requests: [LoopbackRequest] { received.withLock { $0 } }

    /// New connections are refused from here on.
    func stop() {
        shutdown(listener, CInt(SHUT_RDWR))
    }

    private func serve(_ connection: LoopbackConnection) {
        defer { connection.close() }
        while let head = connection.readHead() {
            // A handler is asked before the body is read, so that it can answer or hang up in the middle.
            switch handler(head) {
            case .early(let answer):
                connection.send(answer)
                connection.drain()
                return
            case .hangUp(afterBody: false):
                connection.reset()
                return
            case let reply:
                guard let request = connection.readBody(of: head) else { return }
                received.withLock { $0.append(request) }
                switch reply {
                case .answer(let answer): connection.send(answer)
                case .silence: return connection.drain()
                default: return
                }
            }
        }
    }

    /// A port that nothing listens on.
    static func freePort() throws -> UInt16 {
        let (socket, port) = try listen()
        close(socket)
        return port
    }

    private static func listen() throws -> (socket: CInt, port: UInt16) {
        let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe bind(listener, pointer, size) == 0 && Glibc.listen(listener, 512) == 0
                    && getsockname(listener, pointer, &size) == 0
            }
        }
        guard listener >= 0, isListening else { throw POSIXError(.EADDRNOTAVAIL) }
        return (listener, UInt16(bigEndian: address.sin_port))
    }
}

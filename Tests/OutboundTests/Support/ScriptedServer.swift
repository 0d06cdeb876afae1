import Foundation
import Glibc
import Synchronization

/// A TCP server on loopback that runs a script on a thread of its own for each connection.
final class ScriptedServer: Sendable {
    typealias Script = @Sendable (ServerConnection) -> Void

    let port: UInt16
    private let listener: CInt
    private let state = Mutex(State())

    private struct State {
        var connections = 0
        var requests: [ReceivedRequest] = []
        var heads = 0
        var ends: [ServerConnection.End] = []
        var isClosed = false
    }

    /// - Parameters:
    ///   - receiveBuffer: bytes the kernel buffers for a connection whose script does not read.
    ///   - segment: bytes that a segment may have; with small ones the client's kernel, too, takes little ahead.
    init(receiveBuffer: CInt? = nil, segment: CInt? = nil, _ script: @escaping Script = ScriptedServer.answerAll) throws
    {
        (listener, port) = try listenOnLoopback(receiveBuffer: receiveBuffer, segment: segment)
        Thread.detachNewThread { [self] in acceptAll(script) }
    }

    var url: String { "http://127.0.0.1:\(port)" }
    var connectionCount: Int { state.withLock { $0.connections } }
    /// Whole requests, in the order in which their ends came in.
    var requests: [ReceivedRequest] { state.withLock { $0.requests } }
    /// Request heads that came in whole.
    var headCount: Int { state.withLock { $0.heads } }
    /// How the connections that scripts watched to the end were ended by the client.
    var ends: [ServerConnection.End] { state.withLock { $0.ends } }

    /// Whether new connections are refused.
    var isClosed: Bool { state.withLock { $0.isClosed } }

    func note(_ request: ReceivedRequest) { state.withLock { $0.requests.append(request) } }
    func noteHead() { state.withLock { $0.heads += 1 } }
    func note(_ end: ServerConnection.End) { state.withLock { $0.ends.append(end) } }

    /// No more connections; open ones go on.
    func stopListening() {
        // Wakes the accepting thread, which closes the socket.
        shutdown(listener, CInt(SHUT_RDWR))
    }

    private func acceptAll(_ script: @escaping Script) {
        while true {
            let socket = accept(listener, nil, nil)
            guard socket >= 0 else { break }
            let number = state.withLock { state in
                state.connections += 1
                return state.connections
            }
            Thread.detachNewThread {
                let connection = ServerConnection(socket: socket, number: number, server: self)
                script(connection)
                connection.close()
            }
        }
        close(listener)
        state.withLock { $0.isClosed = true }
    }

    /// Answers every request with 200 and its body's length.
    static let answerAll: Script = { connection in
        while let request = connection.readRequest() {
            connection.respond(body: "\(request.body.count)")
        }
    }
}

private func listenOnLoopback(receiveBuffer: CInt?, segment: CInt?) throws -> (socket: CInt, port: UInt16) {
    let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    if var size = receiveBuffer {
        unsafe setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<CInt>.size))
    }
    if var size = segment {
        unsafe setsockopt(listener, CInt(IPPROTO_TCP), TCP_MAXSEG, &size, socklen_t(MemoryLayout<CInt>.size))
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = unsafe withUnsafeMutablePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
            unsafe bind(listener, pointer, size) == 0 && listen(listener, 1024) == 0
                && getsockname(listener, pointer, &size) == 0
        }
    }
    guard listener >= 0, isListening else { throw POSIXError(.EADDRNOTAVAIL) }
    return (listener, UInt16(bigEndian: address.sin_port))
}

import Glibc

/// One request as it came in.
struct ReceivedRequest: Sendable {
    /// The request line and header lines, without the empty line.
    let lines: [String]
    let body: [UInt8]
    /// The connection's number, from 1.
    let connection: Int

    var target: String { String(lines[0].split(separator: " ")[1]) }

    func header(_ name: String) -> String? {
        lines.dropFirst().first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
            .map { String($0.dropFirst(name.count + 1).drop { $0 == " " }) }
    }
}

/// The server's end of one connection. Used by its script's thread only.
final class ServerConnection {
    /// How the client ended the connection.
    enum End: Sendable, Equatable {
        case closed
        case reset
        case error(Int32)
    }

    let number: Int
    let server: ScriptedServer
    private let socket: CInt
    private var isOpen = true
    private var buffer: [UInt8] = []
    private var piece = [UInt8](repeating: 0, count: 64 << 10)
    private(set) var end: End?
    /// Bytes of bodies read so far.
    private(set) var bodyBytes = 0

    init(socket: CInt, number: Int, server: ScriptedServer) {
        self.socket = socket
        self.number = number
        self.server = server
    }

    /// Reads once, at most `limit` bytes; `false` at the end of the connection.
    private func fill(limit: Int = 64 << 10) -> Bool {
        let capacity = min(piece.count, limit)
        let count = unsafe recv(socket, &piece, capacity, 0)
        if count > 0 {
            buffer.append(contentsOf: piece[..<count])
            return true
        }
        end = count == 0 ? .closed : errno == ECONNRESET ? .reset : .error(errno)
        return false
    }

    func readHead() -> [String]? {
        let mark = Array("\r\n\r\n".utf8)
        var searched = 0
        while true {
            if buffer.count >= 4 {
                for index in searched...(buffer.count - 4) where Array(buffer[index..<index + 4]) == mark {
                    let head = String(decoding: buffer[..<index], as: UTF8.self)
                    buffer.removeFirst(index + 4)
                    server.noteHead()
                    return head.split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
                }
                searched = max(0, buffer.count - 3)
            }
            // Little, so that a body stays in the kernel until the script wants it.
            guard fill(limit: 1024) else { return nil }
        }
    }

    /// Reads `count` bytes of a body, or what came before the end.
    func readBody(_ count: Int) -> [UInt8] {
        while buffer.count < count, fill() {}
        let bytes = Array(buffer.prefix(count))
        buffer.removeFirst(bytes.count)
        bodyBytes += bytes.count
        return bytes
    }

    /// Reads and notes one whole request; `nil` at the end of the connection.
    func readRequest() -> ReceivedRequest? {
        guard let lines = readHead() else { return nil }
        let length = contentLength(of: lines)
        let body = readBody(length)
        guard body.count == length else { return nil }
        let request = ReceivedRequest(lines: lines, body: body, connection: number)
        server.note(request)
        return request
    }

    func contentLength(of lines: [String]) -> Int {
        ReceivedRequest(lines: lines, body: [], connection: 0).header("Content-Length").flatMap { Int($0) } ?? 0
    }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes[sent...].withUnsafeBytes {
                unsafe Glibc.send(socket, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    func respond(status: String = "200 OK", headers: String = "", body: String = "") {
        send("HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)")
    }

    /// Reads until the client ends the connection, and notes how it did.
    func watchEnd() {
        while fill() { buffer.removeAll() }
        if let end { server.note(end) }
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        Glibc.close(socket)
    }

    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(socket, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close()
    }
}

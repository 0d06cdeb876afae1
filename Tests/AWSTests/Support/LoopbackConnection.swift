import Glibc

/// The server's end of one connection; used by one thread.
final class LoopbackConnection {
    private let socket: CInt
    private var buffer: [UInt8] = []

    init(socket: CInt) {
        self.socket = socket
    }

    private func fill() -> Bool {
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        let capacity = piece.count
        let count = unsafe recv(socket, &piece, capacity, 0)
        guard count > 0 else { return false }
        buffer.append(contentsOf: piece[..<count])
        return true
    }

    /// The request without its body; `nil` at the end of the connection.
    func readHead() -> LoopbackRequest? {
        var end = Self.endOfHead(buffer)
        while end == nil {
            guard fill() else { return nil }
            end = Self.endOfHead(buffer)
        }
        guard let end else { return nil }
        let lines = String(decoding: buffer[..<end], as: UTF8.self).split(separator: "\r\n")
        buffer.removeFirst(end + 4)
        let first = lines[0].split(separator: " ")
        let headers = lines.dropFirst().map { line in
            let colon = line.firstIndex(of: ":") ?? line.endIndex
            return (name: line[..<colon].lowercased(), value: String(line[colon...].dropFirst().drop { $0 == " " }))
        }
        return LoopbackRequest(method: String(first[0]), target: String(first[1]), headers: headers)
    }

    /// `request` with its body; `nil` if the connection ended before.
    func readBody(of request: LoopbackRequest) -> LoopbackRequest? {
        let length = request.header("content-length").flatMap { Int($0) } ?? 0
        while buffer.count < length {
            guard fill() else { return nil }
        }
        var request = request
        request.body = Array(buffer.prefix(length))
        buffer.removeFirst(length)
        return request
    }

    func send(_ answer: LoopbackAnswer) {
        var text = "HTTP/1.1 \(answer.status) Said\r\nContent-Length: \(answer.body.utf8.count)\r\n"
        for (name, value) in answer.headers { text += "\(name): \(value)\r\n" }
        let bytes = Array((text + "\r\n" + answer.body).utf8)
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes[sent...].withUnsafeBytes {
                unsafe Glibc.send(socket, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    /// Reads until the client closes.
    func drain() {
        while fill() { buffer.removeAll() }
    }

    /// Ends the connection so that the client sees a reset.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(socket, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    func close() {
        Glibc.close(socket)
    }

    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        return (0...(bytes.count - 4)).first { bytes[$0..<($0 + 4)].elementsEqual([13, 10, 13, 10]) }
    }
}

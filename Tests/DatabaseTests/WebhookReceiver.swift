import Foundation
import Glibc
import Synchronization

/// A webhook receiver on loopback: a thread for each connection, which answers as it is told.
final class WebhookReceiver: Sendable {
    struct Request: Sendable {
        let target: String
        let headers: [String: String]
        let body: String
        let at: ContinuousClock.Instant

        var id: String { headers["webhook-id"] ?? "" }
    }

    enum Answer: Sendable {
        case status(Int, [String: String] = [:], body: String = "")
        case hang(Duration)
        case reset
    }

    let port: UInt16
    private let listener: CInt
    private let answer: @Sendable (Request, Int) -> Answer
    private let received = Mutex<[Request]>([])

    /// - Parameter answer: is given the request, and how many came before it.
    init(_ answer: @escaping @Sendable (Request, Int) -> Answer = { _, _ in .status(200) }) throws {
        listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = unsafe withUnsafeMutablePointer(to: &address) { [listener] pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe bind(listener, pointer, size) == 0 && listen(listener, 1024) == 0
                    && getsockname(listener, pointer, &size) == 0
            }
        }
        guard listener >= 0, isListening else { throw POSIXError(.EADDRNOTAVAIL) }
        port = UInt16(bigEndian: address.sin_port)
        self.answer = answer
        Thread.detachNewThread { [self] in
            while true {
                let socket = accept(listener, nil, nil)
                guard socket >= 0 else { break }
                Thread.detachNewThread { self.serve(socket) }
            }
            close(listener)
        }
    }

    func stop() { shutdown(listener, CInt(SHUT_RDWR)) }

    var url: String { "http://127.0.0.1:\(port)/hook" }
    var requests: [Request] { received.withLock { $0 } }
    var ids: [String] { requests.map(\.id) }

    private func serve(_ socket: CInt) {
        defer { close(socket) }
        var buffer: [UInt8] = []
        while let request = read(socket, &buffer) {
            let before = received.withLock { received in
                received.append(request)
                return received.count - 1
            }
            switch answer(request, before) {
            case .status(let code, let headers, let body):
                let lines = headers.map { "\($0.key): \($0.value)\r\n" }.joined()
                send(socket, "HTTP/1.1 \(code) X\r\nContent-Length: \(body.utf8.count)\r\n\(lines)\r\n\(body)")
            case .hang(let time):
                usleep(UInt32(time / .microseconds(1)))
                send(socket, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            case .reset:
                var option = linger(l_onoff: 1, l_linger: 0)
                unsafe setsockopt(socket, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
                return
            }
        }
    }

    private func read(_ socket: CInt, _ buffer: inout [UInt8]) -> Request? {
        let mark = Array("\r\n\r\n".utf8)
        var head: Int?
        while head == nil {
            head = buffer.firstRange(of: mark)?.lowerBound
            if head == nil, !fill(socket, &buffer) { return nil }
        }
        guard let head else { return nil }
        let lines = String(decoding: buffer[..<head], as: UTF8.self).components(separatedBy: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
                in: .whitespaces
            )
        }
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        while buffer.count < head + 4 + length {
            if !fill(socket, &buffer) { return nil }
        }
        let body = String(decoding: buffer[(head + 4)..<(head + 4 + length)], as: UTF8.self)
        buffer.removeFirst(head + 4 + length)
        let target = lines[0].split(separator: " ").dropFirst().first.map(String.init) ?? ""
        return Request(target: target, headers: headers, body: body, at: .now)
    }

    private func fill(_ socket: CInt, _ buffer: inout [UInt8]) -> Bool {
        var piece = [UInt8](repeating: 0, count: 16 << 10)
        let count = unsafe recv(socket, &piece, piece.count, 0)
        guard count > 0 else { return false }
        buffer.append(contentsOf: piece[..<count])
        return true
    }

    private func send(_ socket: CInt, _ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.send(socket, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
    }
}

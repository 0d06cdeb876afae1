/// A request that is encoded once; each copy differs in the numbers of its readers only.
struct RequestTemplate: Sendable {
    private static let digits = 12
    private static let mark = Array(repeating: UInt8(ascii: "#"), count: digits)

    /// How many messages it holds.
    let messages: Int
    private let bytes: [UInt8]
    private let places: [Int]

    /// - Parameter messages: nil: `POST /send`; else so many by `POST /send/batch`.
    init(messages: Int?, tenant: Int, key: String, port: Int) {
        let one = Self.message(tenant: tenant)
        let body: String
        if let messages {
            body = #"{"messages":[\#(Array(repeating: one, count: messages).joined(separator: ","))]}"#
        } else {
            body = one
        }
        let head = [
            "POST \(messages == nil ? "/send" : "/send/batch") HTTP/1.1", "Host: 127.0.0.1:\(port)",
            "Authorization: Bearer \(key)", "Content-Type: application/json", "Content-Length: \(body.utf8.count)",
        ]
        bytes = Array((head.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
        self.messages = messages ?? 1
        var places: [Int] = []
        var rest = bytes[...]
        while let found = rest.firstRange(of: Self.mark) {
            places.append(found.lowerBound)
            rest = rest[found.upperBound...]
        }
        self.places = places
    }

    private static func message(tenant: Int) -> String {
        let mark = String(decoding: mark, as: UTF8.self)
        return """
            {"from":"Shop <shop@t\(tenant).example>","to":["reader-\(mark)@example.org"],\
            "subject":"Your order is on its way","text":"\(MailText.text)"}
            """
    }

    /// A copy with readers of its own, counted from a number.
    func request(_ first: Int) -> [UInt8] {
        var copy = bytes
        for (index, place) in places.enumerated() {
            var number = first + index
            for digit in (0..<Self.digits).reversed() {
                copy[place + digit] = UInt8(ascii: "0") + UInt8(number % 10)
                number /= 10
            }
        }
        return copy
    }
}

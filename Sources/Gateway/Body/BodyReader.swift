import HTTPTypes
import Hummingbird
import NIOCore

/// Reads the bodies of requests, bounded in size, time and memory.
struct BodyReader: Sendable {
    private let maximumBytes: Int
    private let timeout: Duration
    private let budget: BodyBudget

    init(_ configuration: GatewayConfiguration) {
        self.init(configuration, maximumBytes: configuration.maximumBodyBytes)
    }

    /// For bodies that are smaller than a message's.
    init(_ configuration: GatewayConfiguration, maximumBytes: Int) {
        self.maximumBytes = maximumBytes
        timeout = configuration.bodyTimeout
        budget = BodyBudget(limit: configuration.maximumBodyBytesAtOnce)
    }

    /// Runs `handle` on the whole body, which says that it is JSON; the memory is accounted for until it returns.
    ///
    /// - Throws: problems `unsupported_media_type`, `too_large`, `queue_full`, `overloaded`, `request_timeout` and `invalid_json`.
    func withJSON<Value>(
        _ request: Request,
        record: RequestRecord,
        handle: ([UInt8]) async throws -> Value
    ) async throws -> Value {
        try Self.checkType(request.headers)
        return try await withBytes(request, record: record, handle: handle)
    }

    /// The same for a body of any type.
    func withBytes<Value>(
        _ request: Request,
        record: RequestRecord,
        handle: ([UInt8]) async throws -> Value
    ) async throws -> Value {
        try Self.refuseCoded(request.headers)
        let announced = request.headers[.contentLength].flatMap { Int($0) }
        if let announced, announced > maximumBytes { throw tooLarge() }
        var body: [UInt8] = []
        let tenant = record.tenant
        var taken = 0
        defer { budget.giveBack(taken, tenant: tenant) }
        let deadline = ContinuousClock().now.advanced(by: timeout)
        do {
            for try await part in request.body {
                try check(body.count + part.readableBytes, before: deadline)
                try budget.take(part.readableBytes, tenant: tenant)
                taken += part.readableBytes
                body.append(contentsOf: part.readableBytesView)
            }
            // Then the sequence ends as if the body did.
            try Task.checkCancellation()
        } catch let problem as Problem {
            throw problem
        } catch is CancellationError {
            throw Problem.draining()
        } catch {
            throw Problem(.invalidJSON, "the body could not be read to its end", closesConnection: true)
        }
        // NIO throws when a connection ends before its request; Hummingbird does not promise it.
        if let announced, body.count < announced {
            throw Problem(
                .invalidJSON,
                "the body ended after \(body.count) of \(announced) bytes",
                closesConnection: true
            )
        }
        record.hasReadBody = true
        // A body may take minutes, and its key be revoked meanwhile.
        try record.recheck()
        return try await handle(body)
    }

    private func check(_ bytes: Int, before deadline: ContinuousClock.Instant) throws(Problem) {
        guard bytes <= maximumBytes else { throw tooLarge() }
        guard ContinuousClock().now < deadline else {
            throw Problem(.requestTimeout, "the body took too long to arrive", closesConnection: true)
        }
    }

    private func tooLarge() -> Problem {
        Problem(
            .tooLarge,
            "the request's body is larger than \(maximumBytes) bytes, which is all that is accepted here",
            closesConnection: true
        )
    }

    /// Nothing is ever inflated: a few bytes could become more than there is room for.
    static func refuseCoded(_ headers: HTTPFields) throws(Problem) {
        guard let coding = headers[.contentEncoding], coding.lowercased() != "identity" else { return }
        throw Problem(
            .unsupportedMediaType,
            "send the body as it is, without Content-Encoding",
            headers: [.acceptEncoding: "identity"]
        )
    }

    /// `application/json`, with no character set or UTF-8 (RFC 8259 knows no other).
    private static func checkType(_ headers: HTTPFields) throws {
        let parts = (headers[.contentType] ?? "").split(separator: ";", omittingEmptySubsequences: false)
            .map { $0.trimming(" \t").lowercased() }
        let charset = parts.dropFirst().first { $0.hasPrefix("charset=") }?.dropFirst(8).trimming("\"")
        guard parts.first == "application/json", charset == nil || charset == "utf-8" || charset == "utf8" else {
            throw Problem(.unsupportedMediaType, "send the body as 'Content-Type: application/json', in UTF-8")
        }
    }
}

extension StringProtocol {
    fileprivate func trimming(_ characters: String) -> SubSequence {
        let rest = drop { characters.contains($0) }
        guard let last = rest.lastIndex(where: { !characters.contains($0) }) else { return rest.prefix(0) }
        return rest[...last]
    }
}

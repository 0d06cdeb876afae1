import Foundation
import Outbox

/// Keeps a broadcast's recipients until the last of them is there: in a file without a name, which is gone with the process.
///
/// Room is taken from a budget before it is used, and given back at the end.
final class BroadcastSpool {
    private static let block = 256 << 10

    private let file: FileHandle
    private let budget: BodyBudget
    private let tenant: String
    private var taken = 0
    private var buffer: [UInt8] = []
    private var position = 0
    private(set) var count = 0

    /// - Throws: problem `overloaded` where no file can be made.
    init(budget: BodyBudget, tenant: String) throws {
        self.budget = budget
        self.tenant = tenant
        let url = FileManager.default.temporaryDirectory.appending(path: "sluice-broadcast-\(UUID().uuidString)")
        guard FileManager.default.createFile(atPath: url.path(), contents: nil, attributes: [.posixPermissions: 0o600]),
            let file = FileHandle(forUpdatingAtPath: url.path())
        else { throw Self.noRoom() }
        self.file = file
        try? FileManager.default.removeItem(at: url)
    }

    deinit {
        try? file.close()
        budget.giveBack(taken, tenant: tenant)
    }

    private static func noRoom() -> Problem {
        Problem(
            .overloaded,
            "there is no room for a broadcast just now; try again",
            retryAfter: 5,
            closesConnection: true
        )
    }

    func append(_ recipient: BroadcastRecipient) throws(Problem) {
        append(Array(recipient.email.utf8))
        append(recipient.data ?? [])
        count += 1
        if buffer.count >= Self.block { try flush() }
    }

    private func append(_ bytes: [UInt8]) {
        for shift in [0, 8, 16, 24] { buffer.append(UInt8(truncatingIfNeeded: bytes.count >> shift)) }
        buffer += bytes
    }

    private func flush() throws(Problem) {
        do throws(Problem) {
            try budget.take(buffer.count, tenant: tenant)
        } catch {
            guard error.code == .queueFull else { throw Self.noRoom() }
            var problem = error
            problem.closesConnection = true
            throw problem
        }
        taken += buffer.count
        do { try file.write(contentsOf: Data(buffer)) } catch { throw Self.noRoom() }
        buffer.removeAll(keepingCapacity: true)
    }

    /// Nothing more is appended; `next` begins with the first recipient.
    func rewind() throws {
        try flush()
        do { try file.seek(toOffset: 0) } catch { throw Self.noRoom() }
    }

    /// Up to `most` recipients, in their order; none when there are no more.
    func next(_ most: Int) throws -> [BroadcastRecipient] {
        var recipients: [BroadcastRecipient] = []
        while recipients.count < most, let email = try read() {
            guard let data = try read() else { throw Problem.internalError() }
            recipients.append(
                BroadcastRecipient(email: String(decoding: email, as: UTF8.self), data: data.isEmpty ? nil : data)
            )
        }
        return recipients
    }

    private func read() throws -> [UInt8]? {
        guard try fill(4) else { return nil }
        let count = (0..<4).reduce(0) { $0 | Int(buffer[position + $1]) << ($1 * 8) }
        position += 4
        guard try fill(count) else { throw Problem.internalError() }
        defer { position += count }
        return Array(buffer[position..<(position + count)])
    }

    /// Reads on until so many bytes are at hand; false at the end of the file.
    private func fill(_ count: Int) throws -> Bool {
        while buffer.count - position < count {
            buffer.removeFirst(position)
            position = 0
            guard let more = try file.read(upToCount: Self.block), !more.isEmpty else { return false }
            buffer += more
        }
        return true
    }
}

import Directory
import FoundationEssentials
import Mail
import Outbox

/// Takes a broadcast line by line: checks each recipient as it comes, and keeps what is right until all are there.
struct BroadcastIntake {
    static let maximumFailures = 100
    /// Of one recipient's own data.
    static let maximumDataBytes = 16 << 10
    /// Of one mail; a hundred of them may be on their way at once.
    static let maximumMailBytes = 512 << 10

    let plan: BroadcastPlan
    let builder: MessageBuilder
    let spool: BroadcastSpool
    private(set) var failures: [ValidationFailure] = []
    /// Each mailbox with the line on which it came first.
    private var seen: [String: Int] = [:]
    private var largest = 0
    private var hasOwnData = false

    init(_ plan: BroadcastPlan, builder: MessageBuilder, spool: BroadcastSpool) {
        self.plan = plan
        self.builder = builder
        self.spool = spool
        if case .fixed(let parts) = plan.frame.source { largest = parts.size }
    }

    /// Takes one line.
    ///
    /// - Throws: everything that was wrong so far, when that is enough to say; or that there is no room.
    mutating func take(_ bytes: [UInt8], line: Int) throws {
        let found: [ValidationFailure]
        do throws(Problem) {
            found = try check(bytes, line: line)
        } catch {
            switch error.code {
            case .invalidMessage where !error.errors.isEmpty: found = error.errors
            case .invalidJSON: found = [ValidationFailure(pointer: "", detail: "is no JSON: \(error.detail)")]
            default: throw error
            }
        }
        for failure in found {
            failures.append(ValidationFailure(pointer: failure.pointer, detail: failure.detail, line: line))
        }
        if failures.count >= Self.maximumFailures { throw refusal(closesConnection: true) }
    }

    private mutating func check(_ bytes: [UInt8], line: Int) throws(Problem) -> [ValidationFailure] {
        let recipient = try StrictJSON.decode(BroadcastLine.self, from: bytes)
        let address: EmailAddress
        do throws(AddressError) {
            address = try EmailAddress(parsing: recipient.to)
        } catch {
            return [ValidationFailure(pointer: "/to", detail: error.message)]
        }
        if let first = seen.updateValue(line, forKey: address.matchKey) {
            seen[address.matchKey] = first
            return [
                ValidationFailure(pointer: "/to", detail: "is on line \(first) already; a broadcast goes to each once")
            ]
        }
        guard seen.count <= BroadcastWriter.maximumRecipients else {
            let most = BroadcastWriter.maximumRecipients
            throw Problem(
                .invalidMessage,
                "there are more than \(most) recipients; make several broadcasts of it",
                closesConnection: true
            )
        }
        var data: [UInt8]?
        if let own = recipient.data {
            guard plan.template != nil else {
                return [ValidationFailure(pointer: "/data", detail: "is given without a template")]
            }
            guard own.isObject else { return [ValidationFailure(pointer: "/data", detail: "must be an object")] }
            data = (try? JSONEncoder().encode(own)).map { Array($0) }
            guard (data?.count ?? 0) <= Self.maximumDataBytes else {
                return [ValidationFailure(pointer: "/data", detail: "is larger than \(Self.maximumDataBytes) bytes")]
            }
            hasOwnData = true
        }
        if let found = check(recipient.data), !found.isEmpty { return found }
        guard failures.isEmpty else { return [] }
        try spool.append(BroadcastRecipient(email: address.addrSpec, data: data))
        return []
    }

    /// Fills the template for a recipient, to see whether it can be; nil where there is none.
    private mutating func check(_ own: TemplateValue?) -> [ValidationFailure]? {
        guard let template = plan.template else { return nil }
        // Who has nothing of their own is like the one before who had not.
        if own == nil, largest > 0, !hasOwnData { return nil }
        let data = own.map { plan.data.overlaid(by: $0) } ?? plan.data
        do throws(TemplateDataError) {
            let filled = try template.filled(with: data, maximumBytes: Self.maximumMailBytes)
            largest = max(largest, filled.size)
            return builder.failures(of: filled).map(\.ofTemplate)
        } catch {
            return error.pointed(at: "/data")
        }
    }

    /// The message, once all lines were taken; its id is made now.
    func finish(ids: MessageIDSource, now: Date) throws -> NewMessage {
        guard failures.isEmpty else { throw refusal(closesConnection: false) }
        guard spool.count > 0 else {
            throw Problem.invalidMessage([
                ValidationFailure(
                    pointer: "",
                    detail: "there is no recipient: each needs a line such as {\"to\": \"a@x.example\"}"
                )
            ])
        }
        var message = plan.message
        message.id = ids.next(at: now)
        message.content = try StoredContent(
            TemplatedContent(frame: plan.frame, data: plan.data, isEach: hasOwnData),
            filledSize: largest
        )
        try spool.rewind()
        return message
    }

    private func refusal(closesConnection: Bool) -> Problem {
        let lines = Set(failures.compactMap(\.line)).count
        let detail = closesConnection ? "at least \(lines) lines are wrong" : "\(lines) lines are wrong"
        return Problem(
            .invalidMessage,
            "\(detail); nothing was accepted",
            errors: Array(failures.prefix(Self.maximumFailures)),
            closesConnection: closesConnection
        )
    }
}

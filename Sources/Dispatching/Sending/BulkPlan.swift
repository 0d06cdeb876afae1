import Directory
import Mail
import Outbox
import SES

/// A claimed call that may share its request with others of its kind.
struct BulkRide: Sendable {
    let slot: CallSender.Slot
    let content: LoadedContent
}

/// Says which claimed calls go together in one `SendBulkEmail`: those of one template, sender and headers whose times are close.
/// Pure.
///
/// A ride waits for the last of its group, and its credit cools so much later. At ten milliseconds that is a hundredth of what a
/// credit can do, at most, and nothing where the account's rate does not matter.
struct BulkPlan: Sendable {
    static let span = Duration.milliseconds(10)
    /// Bytes of one group's contents, by what they were found to take when they were accepted.
    static let maximumBytes = 512 << 10

    /// What all calls of one request have in common.
    private struct Kind: Hashable {
        let frame: TemplatedContent.Frame
        let terms: SenderTerms
    }

    private(set) var groups: [[BulkRide]] = []
    private(set) var alone: [CallSender.Slot] = []

    init(
        _ slots: [CallSender.Slot],
        contents: [MessageID: LoadedContent],
        sharing: BulkSharing = BulkSharing()
    ) {
        // Frames are long to hash: once for each message, not for each recipient.
        var numbers: [Kind: Int] = [:]
        var known: [MessageID: Int] = [:]
        var rides: [[BulkRide]] = []
        for slot in slots {
            let message = slot.call.entry.message
            guard slot.mayShare, let content = contents[message], content.mayShare, let frame = content.frame,
                sharing.allows(slot.call.entry)
            else {
                alone.append(slot)
                continue
            }
            // A message has one lane, region and sender, and so one set of terms.
            let number: Int
            if let place = known[message] {
                number = place
            } else {
                let kind = Kind(frame: frame, terms: slot.terms)
                number = numbers[kind] ?? rides.count
                numbers[kind] = number
                known[message] = number
            }
            if number == rides.count { rides.append([]) }
            rides[number].append(BulkRide(slot: slot, content: content))
        }
        for alike in rides {
            for group in Self.split(alike.sorted { $0.slot.startsAt < $1.slot.startsAt }) {
                if group.count == 1 { alone.append(group[0].slot) } else { groups.append(group) }
            }
        }
    }

    /// In the order of their times.
    private static func split(_ rides: [BulkRide]) -> [[BulkRide]] {
        var groups: [[BulkRide]] = []
        var bytes = 0
        for ride in rides {
            // What is the same for all goes along once.
            let size = ride.content.isFixed ? 0 : ride.slot.call.size
            let fits = groups.last.map { group in
                group.count < BulkCall.maximumEntries && bytes + size <= maximumBytes
                    && ride.slot.startsAt - group[0].slot.startsAt <= span
            }
            if fits ?? false {
                groups[groups.count - 1].append(ride)
            } else {
                groups.append([ride])
                bytes = 0
            }
            bytes += size
        }
        return groups
    }
}

extension CallSender.Slot {
    /// It goes to one recipient on a credit of its own, and nothing keeps it from going.
    fileprivate var mayShare: Bool {
        kind == .funded && !isProbe && call.rows.count == 1 && !call.isSuppressed && !call.isSuperseded
            && !call.isExpired
    }
}

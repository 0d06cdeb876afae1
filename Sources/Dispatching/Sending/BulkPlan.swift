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

    private(set) var groups: [[BulkRide]] = []
    private(set) var alone: [CallSender.Slot] = []

    init(_ slots: [CallSender.Slot], contents: [MessageID: LoadedContent]) {
        var rides: [TemplatedContent.Frame: [BulkRide]] = [:]
        var order: [TemplatedContent.Frame] = []
        for slot in slots {
            guard slot.mayShare, let content = contents[slot.call.entry.message], let frame = content.frame else {
                alone.append(slot)
                continue
            }
            if rides[frame] == nil { order.append(frame) }
            rides[frame, default: []].append(BulkRide(slot: slot, content: content))
        }
        for frame in order {
            for group in Self.split((rides[frame] ?? []).sorted { $0.slot.startsAt < $1.slot.startsAt }) {
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

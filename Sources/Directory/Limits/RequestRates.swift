import Synchronization

/// Whether tenants' requests are within their rates, decided without asking anybody.
///
/// Each gateway serves its part of a tenant's rate (`RatePart`), by what it is asked for itself and what the others have told
/// last (`RateExchange`). In T seconds a tenant gets at most rate x T requests, besides one second's worth at once, and besides one
/// whenever its load moves from some gateways to others: for half a second those go by what was, each by something else (with up to ten
/// gateways that is 1/2 + 1/3 + ... + 1/10 times half a second's worth).
public final class RequestRates: Sendable {
    /// Who asks for less than this part of its rate is not told of.
    private static let worthTelling = 0.02
    /// Who asks for less than this, in requests a second, has not asked for long, and its bucket is full again.
    private static let worthKeeping = 0.001

    /// Between two words about a tenant's refused requests.
    private static let notice = Duration.seconds(10)

    private struct Entry {
        var rate: Double
        var meter: RequestMeter
        var bucket: RequestBucket
        /// Requests that nobody was told of, and when somebody was told last.
        var refused = 0
        var toldAt: ContinuousClock.Instant?

        /// How many were refused since it was said last, when it is time to say so.
        mutating func refuse(now: ContinuousClock.Instant) -> Int? {
            refused += 1
            if let toldAt, now - toldAt < RequestRates.notice { return nil }
            defer { refused = 0 }
            toldAt = now
            return refused
        }
    }

    private struct State {
        var entries: [Int32: Entry] = [:]
        /// What the other gateways are asked for, by tenant.
        var others: [Int32: Double] = [:]
        var gateways = 1

        func part(of rate: Double, _ tenantID: Int32, own: Double) -> Double {
            RatePart.rate(rate, own: own, others: others[tenantID] ?? 0, gateways: gateways)
        }
    }

    private let state = Mutex(State())

    public init() {}

    /// Counts a request and says whether it may pass.
    ///
    /// - Parameter rate: what the tenant may ask for a second on all gateways together.
    public func admit(_ tenantID: Int32, rate: Int, now: ContinuousClock.Instant = .now) -> RequestAdmission {
        let rate = Double(max(1, rate))
        return state.withLock { state in
            var entry =
                state.entries[tenantID]
                ?? Entry(
                    rate: rate,
                    meter: RequestMeter(now: now),
                    bucket: RequestBucket(rate: state.part(of: rate, tenantID, own: 0), now: now)
                )
            if entry.rate != rate {
                entry.rate = rate
                entry.bucket.change(to: state.part(of: rate, tenantID, own: entry.meter.rate), now: now)
            }
            entry.meter.note()
            let isAdmitted = entry.bucket.take(now: now)
            let refusals = isAdmitted ? nil : entry.refuse(now: now)
            state.entries[tenantID] = entry
            return RequestAdmission(
                isAdmitted: isAdmitted,
                remaining: entry.bucket.remaining,
                reset: entry.bucket.secondsToFull,
                retryAfter: entry.bucket.secondsToNext,
                refusals: refusals
            )
        }
    }

    /// What this gateway is asked for, as far as the others should know. Its own parts follow it at once.
    func report(now: ContinuousClock.Instant) -> [Int32: Double] {
        state.withLock { state in
            var told: [Int32: Double] = [:]
            for tenantID in Array(state.entries.keys) {
                state.entries[tenantID]?.meter.look(now: now)
                guard let entry = state.entries[tenantID], entry.meter.rate >= Self.worthKeeping else {
                    state.entries[tenantID] = nil
                    continue
                }
                let part = state.part(of: entry.rate, tenantID, own: entry.meter.rate)
                state.entries[tenantID]?.bucket.change(to: part, now: now)
                if entry.meter.rate >= Self.worthTelling * entry.rate { told[tenantID] = entry.meter.rate }
            }
            return told
        }
    }

    /// What the others have told.
    ///
    /// - Parameter gateways: how many there are, this one included.
    func hear(_ others: [Int32: Double], gateways: Int, now: ContinuousClock.Instant) {
        state.withLock { state in
            state.others = others
            state.gateways = gateways
            for (tenantID, entry) in state.entries {
                let part = state.part(of: entry.rate, tenantID, own: entry.meter.rate)
                state.entries[tenantID]?.bucket.change(to: part, now: now)
            }
        }
    }
}

/// Whether a request may pass, and how its tenant stands.
public struct RequestAdmission: Sendable {
    public let isAdmitted: Bool
    /// Requests that would pass at once now.
    public let remaining: Int
    /// Whole seconds until as many would as ever do.
    public let reset: Int
    /// Whole seconds until one does.
    public let retryAfter: Int
    /// How many requests of the tenant were refused since this was said last; said at most every ten seconds.
    public let refusals: Int?
}

import FoundationEssentials

/// The decisions of a ``CredentialProvider``: who fetches, who waits, who goes on with what is held. No I/O, no clock.
struct CredentialState {
    /// What a caller does next.
    enum Turn {
        case use(AWSCredentials)
        /// Fetch, then call `finish`. Should that fail, `fallback` is still good.
        case fetch(fallback: AWSCredentials?)
        /// Wait for the caller who fetches.
        case wait
        /// The last fetch failed a moment ago.
        case fail(AWSError)
    }

    /// A fetch is not repeated earlier than this after the last one ended, whatever it brought.
    static let pause = Duration.seconds(5)

    /// Held credentials that AWS refused are fetched anew at most this often.
    static let refusalPause = Duration.seconds(10)

    private(set) var isFetching = false
    private var held: (credentials: AWSCredentials, schedule: RefreshSchedule?)?
    private var lastAttempt: ContinuousClock.Instant?
    private var lastError: AWSError?

    /// When the credentials that are held are to be renewed; `nil` if never, or if there are none.
    var renewalDue: ContinuousClock.Instant? { held?.schedule?.advisedAt }

    /// For a caller who wants credentials.
    mutating func turn(at now: ContinuousClock.Instant) -> Turn {
        let isPaused = lastAttempt.map { now < $0 + Self.pause } ?? false
        guard let held else {
            if isFetching { return .wait }
            if isPaused, let lastError { return .fail(lastError) }
            return fetch(fallback: nil)
        }
        guard let schedule = held.schedule, now >= schedule.advisedAt else { return .use(held.credentials) }
        let isAlive = now < schedule.expiresAt
        if isFetching { return isAlive && now < schedule.requiredAt ? .use(held.credentials) : .wait }
        if isPaused {
            if !isAlive, let lastError { return .fail(lastError) }
            return .use(held.credentials)
        }
        return fetch(fallback: isAlive ? held.credentials : nil)
    }

    /// For a caller whose `refused` credentials AWS did not accept.
    mutating func turn(after refused: AWSCredentials, at now: ContinuousClock.Instant) -> Turn {
        if isFetching { return .wait }
        if let held, held.credentials.keys != refused.keys { return .use(held.credentials) }
        if let lastAttempt, now < lastAttempt + Self.refusalPause { return .use(held?.credentials ?? refused) }
        return fetch(fallback: nil)
    }

    /// Takes the result of the fetch; `nil` when the fetching task was cancelled, which says nothing.
    mutating func finish(_ result: Result<AWSCredentials, AWSError>?, at now: ContinuousClock.Instant, wall: Date) {
        isFetching = false
        switch result {
        case .success(let credentials):
            let schedule = credentials.expiration.map { RefreshSchedule(expiration: $0, fetchedAt: now, wall: wall) }
            held = (credentials, schedule)
            lastError = nil
            lastAttempt = now
        case .failure(let error):
            lastError = error
            lastAttempt = now
        case nil:
            break
        }
    }

    private mutating func fetch(fallback: AWSCredentials?) -> Turn {
        isFetching = true
        return .fetch(fallback: fallback)
    }
}

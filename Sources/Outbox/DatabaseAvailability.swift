import Postgres
import Sealing

/// Tells an outage of the database from a fault of ours, for those who know only this module.
public enum DatabaseAvailability {
    /// Whether the database could not be reached, went away, or takes no more work just now, so that trying again helps; or
    /// the keys are not to be had under which it is sealed.
    public static func isOutage(_ error: any Error) -> Bool {
        if error is SealingError { return true }
        guard let error = error as? PostgresError else { return false }
        if error.isConnectionFailure || error.isRetryable { return true }
        switch error.code {
        case .poolExhausted, .poolClosed, .timeout, .commitOutcomeUnknown: return true
        default: return error.sqlState?.conditionClass == "53"
        }
    }

    /// Whether the server gave a statement up because it took too long.
    public static func isTooSlow(_ error: any Error) -> Bool {
        (error as? PostgresError)?.sqlState == .queryCanceled
    }

    /// Whether text was to be kept that PostgreSQL cannot keep, such as NUL.
    public static func isUnfitText(_ error: any Error) -> Bool {
        let state = (error as? PostgresError)?.sqlState
        return state == .characterNotInRepertoire || state == .untranslatableCharacter
    }

    /// Whether the server, or the way to it, refuses the data themselves, so that trying again does not help.
    public static func isRefusal(_ error: any Error) -> Bool {
        guard let error = error as? PostgresError else { return false }
        return error.isDataError || error.code == .encoding
    }
}

extension PostgresError {
    /// The server refuses the data itself (SQLSTATE classes 21, 22, 23 and the limits of class 54).
    var isDataError: Bool {
        guard let state = sqlState else { return false }
        return ["21", "22", "23", "54"].contains { "\(state)".hasPrefix($0) }
    }
}

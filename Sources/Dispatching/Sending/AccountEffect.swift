import Outbox

/// What a call's end says about its account.
enum AccountEffect: Equatable, Sendable {
    case none
    /// SES takes calls.
    case healthy
    /// Somebody else uses the account's rate.
    case throttled
    case park(AccountPark, detail: String)
}

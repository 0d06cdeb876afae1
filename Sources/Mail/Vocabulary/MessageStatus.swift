/// Where one recipient's copy of a message (an outbox row) stands. The raw values are the API's.
///
/// Two rules move a status, and no other:
///
/// - **Evidence** (`merged(with:)`): everything ever learned about a row is merged by `rank`, the higher wins. That is the
///   maximum of a total order, so it does not matter in which order, or how often, facts arrive.
/// - **The owner** (`settled(as:)`): whoever deleted the row's `ready` or `deferred` entry reports how it went on. Only the owner
///   may step back (`sending` or `unknown` to `queued`), and never over evidence.
///
/// The order, lowest rank first, and why:
///
/// | status | says |
/// |---|---|
/// | `scheduled`, `queued`, `sending`, `unknown` | how far the current attempt is; each yields to whatever follows |
/// | `expired`, `canceled`, `suppressed`, `failed` | ended without a send, as far as we know: a conclusion, so evidence overrides it |
/// | `sent`, `delayed`, `rejected`, `delivered` | evidence from SES; `rejected` means that SES took the mail and then refused it |
/// | `bounced`, `complained` | evidence that comes after, or instead of, a delivery; a complaint proves the most |
public enum MessageStatus: String, CaseIterable, Codable, Sendable {
    case scheduled
    case queued
    case sending
    case unknown
    case expired
    case canceled
    case suppressed
    case failed
    case sent
    case delayed
    case rejected
    case delivered
    case bounced
    case complained
}

/// A message that demand wants posted.
struct Order: Sendable {
    var share: Int
    var recipients: Int
    var tenant = 0
}

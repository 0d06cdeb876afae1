/// When a mirrored suppression is tried again: 5 s, doubled up to an hour, and after twenty attempts never.
enum MirrorBackoff {
    static let attempts = 20

    /// Nil when it is to be given up.
    static func pause(after attempt: Int) -> Duration? {
        guard attempt < attempts else { return nil }
        return .seconds(min(3600, 5 << max(0, min(attempt - 1, 16))))
    }
}

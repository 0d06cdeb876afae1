/// Somebody looks at an account: its nodes then write what they do for it, second by second, for a while.
public enum LiveWatch {
    /// Told by NOTIFY, with the account's number.
    public static let channel = "sluice_watch"
    /// How long one telling holds.
    public static let lease = Duration.seconds(15)
    /// How often it is told while somebody looks.
    public static let renewal = Duration.seconds(5)
    /// How long samples are kept.
    public static let kept = Duration.seconds(180)
}

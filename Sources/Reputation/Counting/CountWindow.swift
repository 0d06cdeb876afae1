/// Over how much of the past is counted.
public enum CountWindow: String, CaseIterable, Sendable {
    case hour
    case day
    /// The last 10,000 sends, however long they took: what SES calls a representative volume.
    case volume

    /// In words, behind "1,000 mails of".
    var name: String {
        switch self {
        case .hour: "the last hour"
        case .day: "the last day"
        case .volume: "the last 10,000"
        }
    }
}

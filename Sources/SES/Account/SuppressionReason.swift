/// Why an address is in SES's own suppression list.
public enum SuppressionReason: String, Sendable {
    case bounce = "BOUNCE"
    case complaint = "COMPLAINT"
}

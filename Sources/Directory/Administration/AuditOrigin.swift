/// The request that a change is made for. What writes the audit looks here, so that nothing on the way has to pass it on.
public enum AuditOrigin {
    /// Its id; nil for the command line and for what the gateway does by itself.
    @TaskLocal public static var requestID: String?
}

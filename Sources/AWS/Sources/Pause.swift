/// A wait between two tries.
enum Pause {
    /// - Throws: `cancelled` when the task is.
    static func sleep(_ duration: Duration) async throws(AWSError) {
        do {
            try await Task.sleep(for: duration, clock: .continuous)
        } catch {
            throw AWSError(.cancelled, "cancelled between two tries to get credentials")
        }
    }
}

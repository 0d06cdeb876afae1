/// What the pages of a dashboard stand on, besides what the API does.
public struct DashboardServices: Sendable {
    let sessions: any SessionKeeping
    public let live: LiveDesk
    let reader: any LiveReading

    /// - Parameter live: of this listener alone; runs as a service of its own, and longer than the listener.
    public init(sessions: any SessionKeeping, live: LiveDesk, reader: any LiveReading) {
        self.sessions = sessions
        self.live = live
        self.reader = reader
    }
}

import Testing

/// Tests against real processes of the built program, on real PostgreSQL servers.
@Suite(.sharedDatabase) enum RealProcesses {
    /// One after the other, since each wants the whole machine.
    @Suite(.serialized) enum OneByOne {}
}

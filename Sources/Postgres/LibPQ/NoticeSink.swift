import CLibPQ

/// Collects the notices of one exchange. libpq calls its receiver on the connection's thread, inside calls that the
/// connection makes there, so no lock is needed.
final class NoticeSink {
    private static let limit = 64
    private var notices: [Notice] = []

    /// Makes this the receiver of a connection's notices. The sink must outlive the connection.
    func attach(to connection: OpaquePointer) {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe PQsetNoticeReceiver(connection, receiveNotice, context)
    }

    fileprivate func append(_ notice: Notice) {
        // A script can raise any number; the first ones and every one that matters for durability are kept.
        if notices.count < Self.limit || notice.cancelsReplicationWait { notices.append(notice) }
    }

    /// Hands over what has come since the last call.
    func take() -> [Notice] {
        if notices.isEmpty { return [] }
        defer { notices = [] }
        return notices
    }
}

/// Called by libpq on the connection's thread; `context` is the sink, which lives as long as the connection.
private func receiveNotice(context: UnsafeMutableRawPointer?, result: OpaquePointer?) {
    guard let context = unsafe context, let result = unsafe result else { return }
    unsafe Unmanaged<NoticeSink>.fromOpaque(context).takeUnretainedValue().append(Notice(result))
}

import Directory
import Mail
import Outbox

/// Gives each copy of bulk mail its own link to unsubscribe, when it is sent. Without a `public_url` there are none.
struct UnsubscribeLinks: Sendable {
    /// Without a slash at its end.
    let publicURL: String?
    let directory: DirectoryCache

    /// The header fields of a call; nil where it is no bulk mail, its tenant has links switched off, or several recipients share it.
    func header(of call: ClaimedCall) -> ListUnsubscribe? {
        guard let publicURL, let directory = directory.current else { return nil }
        return Self.header(of: call, by: directory, below: publicURL)
    }

    /// The same, pure.
    static func header(
        of call: ClaimedCall,
        by directory: DirectorySnapshot,
        below publicURL: String
    ) -> ListUnsubscribe? {
        guard call.rows.count == 1, let row = call.rows.first, let lane = directory.lanes[call.laneID],
            lane.stream == MessageStream.bulk.rawValue,
            directory.tenants[lane.tenantID]?.oneClickUnsubscribe == true, let key = directory.unsubscribeKey
        else { return nil }
        let token = key.token(of: Unsubscription(tenantID: lane.tenantID, copy: row.id, email: row.email.lowercased()))
        return ListUnsubscribe(url: "\(publicURL)/u/\(token)")
    }
}

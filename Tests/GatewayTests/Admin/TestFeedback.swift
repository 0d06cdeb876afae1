import Directory
import Foundation
import Gateway
import Synchronization

/// What operators see of feedback, made by hand.
final class TestFeedback: FeedbackShowing {
    struct State {
        var figures: [FeedbackFigures] = []
        /// Newest first.
        var kept: [KeptFeedback] = []
        var alarms: [OperatorAlarm] = []
        var cleared: [String] = []
    }

    private let state = Mutex(State())

    func set(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }
    var cleared: [String] { state.withLock { $0.cleared } }

    func figures() async throws -> [FeedbackFigures] { state.withLock { $0.figures } }

    func kept(account: String?, limit: Int, after: Int64?, before: Int64?) async throws -> [KeptFeedback] {
        let all = state.withLock { $0.kept }.filter { kept in account.map { $0 == kept.account } ?? true }
        if let before { return Array(all.filter { $0.id > before }.suffix(limit)) }
        return Array(all.filter { kept in after.map { kept.id < $0 } ?? true }.prefix(limit))
    }

    func alarms() async throws -> [OperatorAlarm] { state.withLock { $0.alarms } }

    func clearAlarm(account: String, kind: String, object: String, actor: String) async throws -> Bool {
        state.withLock { state in
            let count = state.alarms.count
            state.alarms.removeAll { $0.account == account && $0.kind == kind && $0.object == object }
            guard state.alarms.count < count else { return false }
            state.cleared.append("\(account) \(kind) \(object) by \(actor)")
            return true
        }
    }
}

import Directory
import Mail

extension Problem {
    init(_ error: DirectoryError) {
        switch error.code {
        case .notFound: self.init(.notFound, error.message)
        case .staleVersion: self.init(.staleVersion, error.message)
        case .conflict: self.init(.conflict, error.message)
        case .exceeds: self.init(.missingScope, error.message)
        case .ended: self = .invalidKey(error.message)
        case .invalidShares: self.init(.invalidShares, error.message)
        default: self.init(.invalidAccount, error.message)
        }
    }

    /// The refusal of a share tree, with the pointer that `place` gives for a share's path below its account.
    static func shares(_ error: DirectoryError, at place: (String) -> String) -> Problem {
        var problem = Problem(error)
        if let path = error.sharePath {
            problem.errors = [ValidationFailure(pointer: place(path), detail: error.message)]
        }
        return problem
    }
}

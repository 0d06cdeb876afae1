import Capacity

/// The changes that the admin API makes to one account: pure, from the account as it is to the one it is to be.
enum AccountEdit {
    /// - Throws: `DirectoryError.notFound`.
    static func find(_ name: String, in directory: DirectorySnapshot) throws(DirectoryError) -> Account {
        guard let account = directory.account(named: name) else {
            throw DirectoryError(.notFound, "there is no account '\(name)'")
        }
        return account
    }

    /// The account with its settings replaced, or a new one; shares stay.
    static func put(
        _ settings: AccountSettings,
        name: String,
        over current: Account?
    ) throws(DirectoryError) -> AccountDocument {
        guard DirectoryName.isValid(name) else {
            throw DirectoryError(
                .invalid,
                "'\(name)' is no name for an account: 1 to 64 letters, digits, '-', '_' or '.', not starting with '.'"
            )
        }
        return AccountDocument(name: name, settings: settings, shares: current?.shares ?? [])
    }

    /// The account with another tree. JSON objects have no order, so shares that are there keep theirs and new ones
    /// follow by name.
    static func put(_ shares: [Share], of account: Account) -> AccountDocument {
        var document = account.document
        document.shares = ordered(shares, like: account.shares)
        return document
    }

    /// The account with one share changed.
    ///
    /// - Throws: `DirectoryError.notFound` for an unknown path.
    static func patch(_ path: String, _ change: ShareChange, of account: Account) throws(DirectoryError)
        -> AccountDocument
    {
        var document = account.document
        let names = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard edit(&document.shares, at: names[...], { $0 = change.applied(to: $0) }) else {
            throw DirectoryError(.notFound, "account \(account.name) has no share '\(path)'")
        }
        return document
    }

    private static func edit(_ shares: inout [Share], at path: ArraySlice<String>, _ change: (inout Share) -> Void)
        -> Bool
    {
        guard let name = path.first, let index = shares.firstIndex(where: { $0.name == name }) else { return false }
        if path.count > 1 { return edit(&shares[index].children, at: path.dropFirst(), change) }
        change(&shares[index])
        return true
    }

    private static func ordered(_ shares: [Share], like current: [Share]) -> [Share] {
        let places = Dictionary(current.enumerated().map { ($1.name, $0) }) { first, _ in first }
        return shares.map { share in
            var share = share
            share.children = ordered(share.children, like: current.first { $0.name == share.name }?.children ?? [])
            return share
        }.sorted { a, b in
            switch (places[a.name], places[b.name]) {
            case (let a?, let b?): a < b
            case (_?, nil): true
            case (nil, _?): false
            case (nil, nil): a.name < b.name
            }
        }
    }
}

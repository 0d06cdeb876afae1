import Directory

extension DirectorySnapshot {
    /// The account of that name, or all of them, by name.
    func accounts(named name: String?) throws -> [Account] {
        guard let name else { return accounts.values.sorted { $0.name < $1.name } }
        guard let account = account(named: name) else {
            let known = accounts.values.map(\.name).sorted().joined(separator: ", ")
            throw CommandFailure(
                "there is no account '\(name)'"
                    + (known.isEmpty ? ": run `sluice apply FILE`" : "; there are: \(known)")
            )
        }
        return [account]
    }
}

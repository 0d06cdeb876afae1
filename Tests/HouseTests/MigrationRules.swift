/// The files in `sql/`: numbered from 0001 without gaps, in small letters, and listed in `Schema.swift`, in order.
///
/// Behind the first release each says with which programs it works, or is one that takes away and is named here.
enum MigrationRules {
    /// The last number of the first release, before which there was none to live with.
    private static let firstRelease = "0025"
    /// Those that need programs that know them, each with the reason.
    private static let contracting: [String: String] = [:]

    static func problems(files: [String], schema: String) -> [String] {
        let migrations = files.filter { $0.hasSuffix(".sql") }.sorted()
        var problems = migrations.isEmpty ? ["there is no migration"] : []
        for (index, file) in migrations.enumerated() {
            let number = String(index + 1)
            let expected = String(repeating: "0", count: max(0, 4 - number.count)) + number + "_"
            if !file.hasPrefix(expected) { problems.append("\(file) should begin with \(expected)") }
            let name = file.dropLast(4)
            if !name.allSatisfy({ $0 == "_" || $0.isNumber || ("a"..."z").contains($0) }) {
                problems.append("\(file) should consist of small letters, digits and _")
            }
        }
        let listed = schema.matches(
            of:
                #/File\(\s*name: "(?<name>[^"]*)",\s*sql: PackageResources\.(?<resource>\w+)(,\s*worksFrom: "(?<from>[^"]*)")?\s*\)/#
        )
        let names = migrations.map { String($0.dropLast(4)) }
        if listed.map({ String($0.output.name) }) != names { problems.append("Schema.swift doesn't list \(names)") }
        for entry in listed where entry.output.resource != "_" + entry.output.name.dropFirst() + "_sql" {
            problems.append("Schema.swift lists \(entry.output.name) with the text of \(entry.output.resource)")
        }
        for name in listed.filter({ $0.output.from == nil }).map({ String($0.output.name) })
        where name.prefix(4) > firstRelease && contracting[name] == nil {
            problems.append("Schema.swift: \(name) does not say from which programs on it works (sql/README.md)")
        }
        for entry in listed {
            guard let from = entry.output.from.map({ String($0) }) else { continue }
            if !names.contains(from) || from >= entry.output.name {
                problems.append("Schema.swift: \(entry.output.name) cannot work from \(from), which is none before it")
            }
        }
        return problems
    }
}

/// The files in `sql/`: numbered from 0001 without gaps, in small letters, and listed in `Schema.swift`, in order.
enum MigrationRules {
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
        let listed = schema.matches(of: #/File\(name: "(?<name>[^"]*)", sql: PackageResources\.(?<resource>\w+)\)/#)
        let names = migrations.map { String($0.dropLast(4)) }
        if listed.map({ String($0.output.name) }) != names { problems.append("Schema.swift doesn't list \(names)") }
        for entry in listed where entry.output.resource != "_" + entry.output.name.dropFirst() + "_sql" {
            problems.append("Schema.swift lists \(entry.output.name) with the text of \(entry.output.resource)")
        }
        return problems
    }
}

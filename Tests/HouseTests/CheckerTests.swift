import Testing

/// Each checker finds what it is there for, and nothing in clean code.
struct CheckerTests {
    private func file(_ text: String, path: String = "Sources/Mail/X.swift") -> SourceFile {
        SourceFile(path: path, text: text)
    }

    private func words(_ source: String) -> [String] { SwiftTokens.read(source).map(\.text) }

    @Test func commentsAndStringsAreNotCode() {
        #expect(words("a // try! b\nc /* d /* e */ f */ g") == ["a", "c", "g"])
        #expect(words(#"a "try! \" b" c"#) == ["a", "c"])
        #expect(words("a \"\"\"\n import X \"quoted\" \\\"\"\" \n\"\"\" b") == ["a", "b"])
        #expect(words(##"a #"raw " \(x) \#(y) "# b"##) == ["a", "y", "b"])
        #expect(
            words(#"a "\(f("(", b(c)) ?? "d") text" e"#) == [
                "a", "f", "(", ",", "b", "(", "c", ")", ")", "?", "?", "e",
            ]
        )
        #expect(SwiftTokens.read("a\n/*\n*/\n\"\"\"\n\n\"\"\"\nb").map(\.line) == [1, 7])
        #expect(words("#if DEBUG\nx") == ["#", "if", "DEBUG", "x"])
    }

    @Test func importsAreFound() {
        let source = """
            // import A
            import B
            public import C
            @testable import D
            @preconcurrency internal import struct E.F
            import G.H
            let text = "import I"
            """
        #expect(ImportRules.imports(SwiftTokens.read(source)).map(\.text) == ["B", "C", "D", "E", "G"])
    }

    @Test(arguments: [
        ("Mail", "Postgres"), ("Mail", "Glibc"), ("Capacity", "Mail"), ("Capacity", "FoundationEssentials"),
        ("Telemetry", "Mail"), ("Telemetry", "NIOCore"), ("Outbox", "CLibPQ"), ("Outbox", "Dispatching"),
        ("Dispatching", "Feedback"), ("Dispatching", "Webhooks"), ("Feedback", "Webhooks"), ("Feedback", "Dispatching"),
        ("Webhooks", "Dispatching"), ("Webhooks", "Feedback"), ("Directory", "Outbox"), ("SES", "Outbox"),
        ("Postgres", "Mail"), ("Outbox", "Hummingbird"), ("Dispatching", "HummingbirdCore"), ("sluice", "Hummingbird"),
        ("sluice", "CCurl"),
    ])
    func aForbiddenImportIsFound(module: String, imported: String) throws {
        let rule = try #require(ImportRules.modules.first { $0.name == module })
        let findings = ImportRules.findings(in: file("import Foundation\n\nimport \(imported)\n"), of: rule)
        #expect(findings.contains { $0.line == 3 && $0.what.contains(imported.prefix(11)) })
    }

    @Test(arguments: [
        ("Gateway", "Hummingbird"), ("Simulator", "HummingbirdCore"), ("Outbox", "Postgres"), ("Postgres", "CLibPQ"),
        ("Telemetry", "Logging"), ("sluice", "Dispatching"), ("Mail", "FoundationEssentials"),
    ])
    func anAllowedImportIsNot(module: String, imported: String) throws {
        let rule = try #require(ImportRules.modules.first { $0.name == module })
        #expect(ImportRules.findings(in: file("public import \(imported)\n"), of: rule) == [])
    }

    @Test func theTableHasNoCircle() {
        let rules = Dictionary(uniqueKeysWithValues: ImportRules.modules.map { ($0.name, $0.ours) })
        func reaches(_ from: String, _ to: String, _ depth: Int = 0) -> Bool {
            depth < 20 && (rules[from] ?? []).contains { $0 == to || reaches($0, to, depth + 1) }
        }
        for module in rules.keys { #expect(!reaches(module, module), "\(module)") }
    }

    @Test func manifestsAreRead() {
        let manifest = """
            module("A", ["B"]), module(
                "C"
            ), .target(
                name: "D", path: "d"), .executableTarget(name: "e"), .testTarget(name: "F"), tests("G", []),
            .systemLibrary(name: "H")
            """
        #expect(ImportRules.modules(manifest: manifest) == ["A", "C", "D", "e"])
    }

    @Test(arguments: [
        "let x = unsafe y", "final class A: @unchecked Sendable {}", "nonisolated(unsafe) var x = 1",
        "var p: OpaquePointer?",
        "func f(_ p: UnsafeMutableRawPointer) {}", "@preconcurrency import A", "@safe struct A {}",
    ])
    func unsafeWordsAreFound(code: String) {
        #expect(LanguageRules.unsafeWords(in: file(code)).count == 1)
        #expect(LanguageRules.unsafeWords(in: file(code, path: "Sources/Postgres/X.swift")) == [])
        #expect(LanguageRules.unsafeWords(in: file("// \(code)\nlet s = \"\(code)\"; let isSafe = unchecked")) == [])
    }

    @Test(arguments: [
        "Task { x() }", "Task.detached { }", "Task(priority: .high) { }", "let t = Task<Void, Never> { }",
        "Task.init { }",
        "Task\n{ }", "Task.immediate { }", "Task<Int, any Error>.detached {}",
    ])
    func unstructuredTasksAreFound(code: String) {
        #expect(LanguageRules.unstructuredTasks(in: file(code)).count == 1)
    }

    @Test func structuredTasksAreNot() {
        let code = """
            group.addTask { try await Task.sleep(for: x); Task.isCancelled }
            await withTaskGroup { _ in await Task.yield() } // Task { }
            func f(_ task: Task<Void, Never>) -> TaskKind { TaskKind { } }
            """
        #expect(LanguageRules.unstructuredTasks(in: file(code)) == [])
    }

    @Test func crashesAreFound() {
        let code =
            "let a = try! f()\nfatalError(\"x\")\nlet b = try? g(); try h(); try !i(); let c = \"try!\" // fatalError()"
        #expect(LanguageRules.crashes(in: file(code)).map(\.line) == [1, 2])
    }

    @Test func longFilesAreFound() {
        #expect(LanguageRules.length(of: file(String(repeating: "x\n", count: 400))) == [])
        #expect(LanguageRules.length(of: file(String(repeating: "x\n", count: 401))).count == 1)
    }

    @Test func typesWithTheModulesNameAreFound() {
        #expect(LanguageRules.moduleNames(in: file("public struct Mail {}"), module: "Mail").count == 1)
        #expect(LanguageRules.moduleNames(in: file("public struct MailBox { let x: Mail }"), module: "Mail") == [])
    }

    @Test func migrationsOutOfOrderAreFound() {
        func schema(_ names: String...) -> String {
            names.map { "File(name: \"\($0)\", sql: PackageResources._\($0.dropFirst())_sql)," }.joined(separator: "\n")
        }
        let files = ["README.md", "0001_a.sql", "0002_b.sql"]
        #expect(MigrationRules.problems(files: files, schema: schema("0001_a", "0002_b")) == [])
        #expect(MigrationRules.problems(files: files, schema: schema("0001_a")).count == 1)
        #expect(MigrationRules.problems(files: files, schema: schema("0002_b", "0001_a")).count == 1)
        #expect(
            MigrationRules.problems(files: ["0001_a.sql", "0003_b.sql"], schema: schema("0001_a", "0003_b")).count == 1
        )
        #expect(
            MigrationRules.problems(files: ["0001_a.sql", "0001_b.sql"], schema: schema("0001_a", "0001_b")).count == 1
        )
        #expect(MigrationRules.problems(files: ["0001_A.sql"], schema: schema("0001_A")).count == 1)
        #expect(MigrationRules.problems(files: [], schema: "").count == 1)
        let swapped = "File(name: \"0001_a\", sql: PackageResources._002_b_sql), "
        #expect(MigrationRules.problems(files: ["0001_a.sql"], schema: swapped).count == 1)
        func since(_ from: String) -> String {
            schema("0001_a") + "File(name: \"0002_b\", sql: PackageResources._002_b_sql, worksFrom: \"\(from)\"),"
        }
        #expect(MigrationRules.problems(files: files, schema: since("0001_a")) == [])
        #expect(MigrationRules.problems(files: files, schema: since("0002_b")).count == 1)
        #expect(MigrationRules.problems(files: files, schema: since("0001_c")).count == 1)
        let many = (1...26).map { ($0 < 10 ? "000" : "00") + "\($0)_a" }
        #expect(
            MigrationRules.problems(files: many.map { $0 + ".sql" }, schema: many.map { schema($0) }.joined()).count
                == 1
        )
    }
}

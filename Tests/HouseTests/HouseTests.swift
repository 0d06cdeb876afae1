import Testing

/// The rules of CONTRIBUTING.md that the compiler doesn't check, checked on this checkout.
struct HouseTests {
    private static let checkout = Checkout()

    private static let files: [(file: SourceFile, module: ImportRules.Module)] = ImportRules.modules.flatMap { module in
        ((try? checkout.sources(in: module.folder)) ?? []).map { ($0, module) }
    }

    /// Else every other test here would pass by looking at nothing.
    @Test func theSourcesAreFound() {
        #expect(Self.files.count > 100)
        #expect(Self.files.contains { $0.file.path == "sql/Schema.swift" })
    }

    @Test func importsFollowTheDirection() {
        let findings = Self.files.flatMap { ImportRules.findings(in: $0.file, of: $0.module) }
        #expect(findings.isEmpty, "\(findings)")
    }

    @Test func everyModuleHasARule() throws {
        let known = Set(ImportRules.modules.map(\.name))
        let manifest = ImportRules.modules(manifest: try Self.checkout.text("Package.swift"))
        #expect(manifest.count > 10)
        #expect(manifest.filter { !known.contains($0) } == [])
        let folders = Set(ImportRules.modules.map(\.folder)).union(ImportRules.importers.keys.map { "Sources/\($0)" })
        let present = try Self.checkout.names(in: "Sources").map { "Sources/\($0)" }
        #expect(present.filter { !folders.contains($0) } == [])
    }

    @Test(arguments: ImportRules.importers.sorted { $0.key < $1.key })
    func aCModuleHasOneImporter(cModule: String, importer: String) throws {
        // A wrapper's own tests may show what the bare library does.
        let tests = try Self.checkout.sources(in: "Tests").filter { !$0.path.hasPrefix("Tests/\(importer)Tests/") }
        let importers = (Self.files.map { ($0.file, $0.module.name) } + tests.map { ($0, "a test") })
            .filter { file, _ in ImportRules.imports(file.tokens).contains { $0.text == cModule } }
            .map(\.1)
        #expect(Set(importers) == [importer])
    }

    @Test func onlyTheCWrappersAreUnsafe() {
        let findings = Self.files.flatMap { LanguageRules.unsafeWords(in: $0.file) }
        #expect(findings.isEmpty, "\(findings)")
    }

    @Test func tasksAreStructured() {
        let findings = Self.files.flatMap { LanguageRules.unstructuredTasks(in: $0.file) }
        #expect(findings.isEmpty, "\(findings)")
        let paths = Set(Self.files.map(\.file.path))
        #expect(LanguageRules.taskFiles.keys.filter { !paths.contains($0) } == [])
    }

    @Test func nothingCrashesOnPurpose() {
        let findings = Self.files.flatMap { LanguageRules.crashes(in: $0.file) }
        #expect(findings.isEmpty, "\(findings)")
    }

    @Test func filesAreShort() {
        let findings = Self.files.flatMap { LanguageRules.length(of: $0.file) }
        #expect(findings.isEmpty, "\(findings)")
    }

    @Test func noTypeHasItsModulesName() {
        // Schema holds one type and nothing that would have to be named in full.
        let findings = Self.files.filter { $0.module.name != "Schema" }
            .flatMap { LanguageRules.moduleNames(in: $0.file, module: $0.module.name) }
        #expect(findings.isEmpty, "\(findings)")
    }

    @Test func migrationsAreNumberedAndListed() throws {
        let problems = MigrationRules.problems(
            files: try Self.checkout.names(in: "sql"),
            schema: try Self.checkout.text("sql/Schema.swift")
        )
        #expect(problems.isEmpty, "\(problems)")
    }
}

/// Looks until a condition holds. Throws when it does not within a generous time.
func eventually(
    _ what: String,
    within limit: Duration = .seconds(60),
    every pause: Duration = .milliseconds(50),
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw TestFailure("not within \(limit): \(what)") }
        try await Task.sleep(for: pause)
    }
}

/// Runs `body` on every element, some at a time; the results are in the elements' order.
func concurrently<Element: Sendable, Value: Sendable>(
    _ elements: some Collection<Element>,
    width: Int = 16,
    _ body: @escaping @Sendable (Element) async throws -> Value
) async throws -> [Value] {
    try await withThrowingTaskGroup(of: (Int, Value).self) { group in
        var values: [Int: Value] = [:]
        for (index, element) in elements.enumerated() {
            if index >= width, let (done, value) = try await group.next() { values[done] = value }
            group.addTask { (index, try await body(element)) }
        }
        for try await (done, value) in group { values[done] = value }
        return values.sorted { $0.key < $1.key }.map(\.value)
    }
}

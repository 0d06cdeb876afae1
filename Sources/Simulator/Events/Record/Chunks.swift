/// A list that grows without ever copying what is there.
struct Chunks<Element: Sendable>: Sendable {
    private static var size: Int { 1 << 14 }

    private var chunks: [[Element]] = []
    private(set) var count = 0

    mutating func append(_ element: Element) {
        if count % Self.size == 0 {
            chunks.append([])
            chunks[chunks.count - 1].reserveCapacity(Self.size)
        }
        chunks[chunks.count - 1].append(element)
        count += 1
    }

    subscript(position: Int) -> Element {
        get { chunks[position / Self.size][position % Self.size] }
        set { chunks[position / Self.size][position % Self.size] = newValue }
    }

    /// At most `limit` elements from `position` on, of one chunk.
    func page(from position: Int, limit: Int) -> [Element] {
        guard position >= 0, position < count, limit > 0 else { return [] }
        let chunk = chunks[position / Self.size]
        let start = position % Self.size
        return Array(chunk[start..<min(start + limit, chunk.count)])
    }
}

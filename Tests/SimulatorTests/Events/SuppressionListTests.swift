import Testing

@testable import Simulator

struct SuppressionListTests {
    @Test func keepsAddressesWithoutRegardToCase() {
        var list = SuppressionList()
        let isAdded = list.put("A@Example.com", reason: "BOUNCE", at: 1)
        #expect(isAdded)
        #expect(list["a@example.COM"]?.reason == "BOUNCE")
        #expect(list.found(in: ["Name <a@example.com>", "b@example.com"]) == ["Name <a@example.com>"])
        let removed = [list.remove("a@example.com"), list.remove("a@example.com")]
        #expect(removed == [true, false])
        #expect(list.found(in: ["a@example.com"]).isEmpty)
    }

    @Test func pagesAreCompleteAndInOrder() {
        var list = SuppressionList()
        for index in 0..<25 {
            _ = list.put("r\(index)@example.com", reason: index.isMultiple(of: 5) ? "COMPLAINT" : "BOUNCE", at: 1)
        }
        var seen: [String] = []
        var after: String?
        repeat {
            let page = list.page(after: after, limit: 10, reasons: [])
            seen += page.entries.map(\.address)
            after = page.next
        } while after != nil
        #expect(seen.count == 25 && seen == seen.sorted())
        #expect(list.page(after: nil, limit: 100, reasons: ["COMPLAINT"]).entries.count == 5)
    }
}

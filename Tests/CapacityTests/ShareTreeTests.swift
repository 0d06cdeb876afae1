import Capacity
import Testing

@Suite("Share trees")
struct ShareTreeTests {
    static let example = [
        Share(name: "AT", rate: 30, lend: false),
        Share(name: "UK", rate: 10, ceiling: .credits(20), children: [Share(name: "apa", rate: 6)]),
        Share(name: "other", rate: 10, ceiling: .parent),
    ]

    @Test("A tree is laid out flat with inherited ceilings and what is each share's own")
    func layout() throws {
        let tree = try ShareTree(credits: 50, shares: Self.example)
        #expect(tree.nodes.map(\.path) == ["", "AT", "UK", "UK/apa", "other"])
        #expect(tree.nodes.map(\.ceiling) == [50, 30, 20, 6, 50])
        #expect(tree.nodes.map(\.ownRate) == [0, 30, 4, 6, 10])
        #expect(tree.nodes.map(\.parent) == [nil, 0, 0, 2, 0])
    }

    @Test("Sums above the parent's rate are refused, and the sum is named")
    func sums() {
        #expect {
            try ShareTree(credits: 40, shares: Self.example)
        } throws: {
            "\($0)".contains("50") && "\($0)".contains("AT 30 + UK 10 + other 10") && "\($0)".contains("quota of 40")
        }
        #expect {
            try ShareTree(
                credits: 50,
                shares: [Share(name: "UK", rate: 10, children: [Share(name: "a", rate: 6), Share(name: "b", rate: 5)])]
            )
        } throws: {
            "\($0)".contains("share UK") && "\($0)".contains("11")
        }
    }

    @Test(
        "Bad shares are refused with their path",
        arguments: [
            Share(name: "", rate: 1), Share(name: "a/b", rate: 1), Share(name: "A", rate: -1),
            Share(name: "A", rate: 0), Share(name: "A", rate: 5, ceiling: .credits(4)),
            Share(name: "A", rate: 1, weight: 0), Share(name: ".x", rate: 1), Share(name: "ä", rate: 1),
        ]
    )
    func refused(share: Share) {
        #expect(throws: ShareProblem.self) { try ShareTree(credits: 50, shares: [share]) }
    }

    @Test("The same name twice among siblings is refused")
    func twice() {
        #expect(throws: ShareProblem(path: "A", detail: "named twice")) {
            try ShareTree(credits: 50, shares: [Share(name: "A", rate: 1), Share(name: "A", rate: 2)])
        }
    }
}

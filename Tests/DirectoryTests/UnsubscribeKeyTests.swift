import Directory
import Mail
import Testing

/// The tokens of unsubscribe links: whole, sealed, and of nobody else's making.
struct UnsubscribeKeyTests {
    private static let key = UnsubscribeKey(Array(0..<32))

    private static func sample(_ email: String, tenant: Int32 = 7) throws -> Unsubscription {
        let copy = try #require(OutboxID("018f0000-0000-7000-8000-000000000001"))
        return Unsubscription(tenantID: tenant, copy: copy, email: email)
    }

    @Test(arguments: ["a@b.example", "", "ann.surname@some-company.example", String(repeating: "x", count: 254)])
    func comesBackAsItWas(_ email: String) throws {
        for tenant in [1, 7, Int32.max] {
            let unsubscription = try Self.sample(email, tenant: tenant)
            let token = Self.key.token(of: unsubscription)
            #expect(Self.key.unsubscription(of: token) == unsubscription)
            #expect(token == Self.key.token(of: unsubscription), "the same link for the same copy")
            #expect(
                token.utf8.allSatisfy {
                    $0 == 0x2D || $0 == 0x5F || ($0 < 0x80 && Character(Unicode.Scalar($0)).isLetter)
                        || (0x30...0x39).contains($0)
                }
            )
        }
    }

    @Test func isShortAndShowsNothing() throws {
        let token = Self.key.token(of: try Self.sample("ann@b.example"))
        #expect(token.count == 86)
        let other = Self.key.token(of: try Self.sample("bob@b.example"))
        #expect(zip(token, other).count { $0 == $1 } < 20, "no part of it says the same of two addresses")
        // Lengths tell nothing within a block.
        #expect(Self.key.token(of: try Self.sample("annabelle@b.example")).count == token.count)
    }

    @Test func everyChangeIsNoticed() throws {
        let token = Array(Self.key.token(of: try Self.sample("ann@b.example")))
        for index in token.indices {
            for replacement in ["A", "B", "_"] as [Character] where token[index] != replacement {
                var forged = token
                forged[index] = replacement
                #expect(Self.key.unsubscription(of: String(forged)) == nil)
            }
        }
        for length in 0..<token.count { #expect(Self.key.unsubscription(of: String(token[..<length])) == nil) }
        #expect(Self.key.unsubscription(of: String(token) + "A") == nil)
        #expect(Self.key.unsubscription(of: String(token) + "==") == nil)
    }

    @Test func isOfOneInstallation() throws {
        let token = Self.key.token(of: try Self.sample("ann@b.example"))
        #expect(UnsubscribeKey(Array(1..<33)).unsubscription(of: token) == nil)
    }

    @Test(arguments: ["", "x", "../../etc/passwd", "%00", "ä", String(repeating: "A", count: 100_000)])
    func rubbishIsNothing(_ text: String) {
        #expect(Self.key.unsubscription(of: text) == nil)
    }
}

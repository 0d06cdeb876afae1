import Directory
import Testing

@testable import Gateway

/// Who is told from whom, and which connection goes first.
struct ConnectionRegisterTests {
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2"),
        ("2001:DB8:1:2::9", "2001:db8:1:2"), ("2001:db8::1", "2001:db8:0:0"), ("::1", "0:0:0:0"),
        ("fe80::1%eth0", "fe80:0:0:0"), ("2001:db8:1:2:3:4:5::", "2001:db8:1:2"),
    ])
    func cutsAddressesToTheirNetworks(address: String, network: String) {
        #expect(SourceAddress(address).text == network)
    }

    private final class Closed: Sendable {
        private let names = AsyncStream<String>.makeStream()

        func close(_ name: String) -> @Sendable () -> Void {
            { [names] in names.continuation.yield(name) }
        }

        func all() async -> [String] {
            names.continuation.finish()
            return await names.stream.reduce(into: []) { $0.append($1) }
        }
    }

    private func register(_ most: Int, perSource: Int = 100) -> ConnectionRegister {
        var configuration = GatewayConfiguration()
        configuration.maximumConnections = most
        configuration.maximumConnectionsPerSource = perSource
        configuration.trustedProxies = SourceNetworks(["10.0.0.1/32"])
        return ConnectionRegister(configuration)
    }

    @Test func theOldestIdleOneGoesFirst() async throws {
        let register = register(3)
        let closed = Closed()
        let a = try #require(register.enter(from: "10.0.0.1", close: closed.close("a")))
        let b = try #require(register.enter(from: "10.0.0.1", close: closed.close("b")))
        _ = try #require(register.enter(from: "10.0.0.1", close: closed.close("c")))
        // The first one works, and then rests: it is the youngest now.
        register.work(a)
        register.rest(a)
        register.work(b)
        #expect(register.enter(from: "10.0.0.1", close: closed.close("d")) != nil)
        #expect(register.enter(from: "10.0.0.1", close: closed.close("e")) != nil)
        #expect(register.count == 3)
        #expect(await closed.all() == ["c", "a"])
    }

    @Test func whereNobodyIsIdleNobodyIsLetIn() async throws {
        let register = register(1)
        let closed = Closed()
        let a = try #require(register.enter(from: nil, close: closed.close("a")))
        register.work(a)
        #expect(register.enter(from: nil, close: closed.close("b")) == nil)
        register.leave(a)
        #expect(register.enter(from: nil, close: closed.close("c")) != nil)
        #expect(await closed.all() == [])
    }

    @Test func aSourceHasItsBound() async throws {
        let register = register(100, perSource: 2)
        let closed = Closed()
        let a = try #require(register.enter(from: "192.0.2.1", close: closed.close("a")))
        _ = register.enter(from: "192.0.2.2", close: closed.close("x"))
        let b = try #require(register.enter(from: "192.0.2.1", close: closed.close("b")))
        #expect(register.enter(from: "192.0.2.1", close: closed.close("c")) != nil)
        register.work(b)
        register.rest(b)
        #expect(register.enter(from: "192.0.2.1", close: closed.close("d")) != nil)
        for _ in 0..<5 { #expect(register.enter(from: "10.0.0.1", close: closed.close("proxy")) != nil) }
        register.leave(a)
        #expect(register.count == 8)
        #expect(await closed.all() == ["a", "c"])
    }

    @Test func theListOfTheIdleStaysShort() async throws {
        let register = register(2)
        let closed = Closed()
        let a = try #require(register.enter(from: nil, close: closed.close("a")))
        let b = try #require(register.enter(from: nil, close: closed.close("b")))
        for _ in 0..<10_000 {
            register.work(b)
            register.rest(b)
        }
        #expect(register.idleListed < 200)
        #expect(register.enter(from: nil, close: closed.close("c")) != nil)
        _ = a
        #expect(await closed.all() == ["a"])
    }
}

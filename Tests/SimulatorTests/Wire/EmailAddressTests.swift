import Testing

@testable import Simulator

struct EmailAddressTests {
    @Test(arguments: [
        "a@example.com", "Name <a@example.com>", "\"Last, First\" <a.b+tag@sub.example.com>", "  a@example.com ",
        "\"quoted local\"@example.com", "o'brien_x#!$%&*/=?^`{|}~-@xn--bcher-kva.example", "a@[192.0.2.1]",
        "=?utf-8?q?J=C3=B6rg?= <j@example.com>", "a@localhost",
    ])
    func takes(address: String) {
        #expect(EmailAddress(address).fault == nil)
    }

    @Test(arguments: [
        "", "a", "@example.com", "a@", "a b@example.com", "a@exa mple.com", "a@@example.com", "a@b@example.com",
        ".a@example.com", "a.@example.com", "a..b@example.com", "a@.com", "a@com.", "a@b..com", "jörg@example.com",
        "a@bücher.example", "a@b_c.example", "a,b@example.com", "<a@example.com", "a@example.com>x",
        "a\u{7}@example.com",
        "\"open@example.com", "Name <>", "a@[192.0.2.1",
    ])
    func refuses(address: String) {
        #expect(EmailAddress(address).fault != nil)
    }

    @Test func knowsTheMailboxSimulator() {
        for mailbox in ["success", "bounce", "ooto", "complaint", "suppressionlist", "bounce+label", "SUCCESS"] {
            #expect(EmailAddress("\(mailbox)@simulator.amazonses.com").isSimulated, "\(mailbox)")
        }
        #expect(EmailAddress("X <success@SIMULATOR.amazonses.com>").isSimulated)
        for address in ["other@simulator.amazonses.com", "success@example.com", "successes@simulator.amazonses.com"] {
            #expect(!EmailAddress(address).isSimulated, "\(address)")
        }
    }
}

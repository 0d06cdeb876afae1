import Outbound
import Testing

struct EgressPolicyTests {
    @Test(arguments: [
        "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1",
        "168.63.129.15", "168.63.129.17", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0",
        "192.167.255.255", "192.169.0.0",
        "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700::1111", "2a00:1450:4001:81b::200e", "2001:200::1",
        "2001:db9::", "2003::1", "3ffe::1",
    ])
    func publicAddressesArePermitted(text: String) throws {
        #expect(EgressPolicy().permits(try #require(NetworkAddress(text))))
    }

    @Test(arguments: [
        "0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.1",
        "127.255.255.254", "168.63.129.16", "169.254.169.254", "172.16.0.0", "172.31.255.255", "192.0.0.8", "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1", "198.18.0.0", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255",
        "240.0.0.1", "255.255.255.255",
        "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::8.8.8.8", "::127.0.0.1", "64:ff9b::8.8.8.8",
        "64:ff9b::a00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:2::1",
        "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::1", "2002:808:808::1", "3fff::1", "3fff:fff::1",
        "4000::1", "5f00::1", "fc00::1", "fd12:3456::1", "fe80::1", "febf::1", "fec0::1", "ff02::1", "ffff::1",
    ])
    func allOtherAddressesAreRefused(text: String) throws {
        #expect(!EgressPolicy().permits(try #require(NetworkAddress(text))))
    }

    @Test func anAllowedNetworkIsPermittedAndNothingBesideIt() throws {
        let policy = EgressPolicy(allowing: [
            try #require(Network("10.1.0.0/16")), try #require(Network("fd00:1::/32")),
        ])
        for text in ["10.1.0.1", "10.1.255.255", "fd00:1::1", "::ffff:10.1.0.1", "8.8.8.8"] {
            #expect(policy.permits(try #require(NetworkAddress(text))), "\(text)")
        }
        for text in ["10.0.255.255", "10.2.0.0", "fd00:2::1", "127.0.0.1", "::ffff:10.2.0.1", "::10.1.0.1"] {
            #expect(!policy.permits(try #require(NetworkAddress(text))), "\(text)")
        }
    }

    @Test(arguments: ["10.0.0.0/8", "0.0.0.0/0", "192.168.1.1/32", "::/0", "fd00::/8", "::1/128", "172.16.0.0/12"])
    func aNetworkReadsWhatItPrints(text: String) throws {
        #expect(try #require(Network(text)).description == text)
    }

    @Test(arguments: [
        "", "10.0.0.0", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.0/ 8", "10.0.0.0/8 ",
        "10.0.0/8", "10/8", "010.0.0.0/8", "10.0.0.0/8/8", "fd00::1/8", "fd00::/129", "[fd00::]/8", "fe80::%lo/64",
        "0x0a000000/8", "host/8", "/8", "10.0.0.0/",
    ])
    func otherTextIsNoNetwork(text: String) {
        #expect(Network(text) == nil)
    }

    @Test(arguments: [
        "127.1", "0x7f.1", "2130706433", "017700000001", "127.0.0.01", "1.2.3.4.5", "::1%lo", "[::1]", "",
    ])
    func otherTextIsNoAddress(text: String) {
        #expect(NetworkAddress(text) == nil)
    }
}

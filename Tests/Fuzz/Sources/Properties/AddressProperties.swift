@testable import Mail
@testable import Simulator

/// Addresses as tenants write them, lists of them as headers have them, domains, and what a tenant may send from.
enum AddressProperties {
    static func check(_ input: [UInt8]) {
        let text = input.text
        if let address = try? Mail.EmailAddress(parsing: text) {
            check(address)
            // Its own words allow it.
            let isName = (try? SenderName(parsing: text)) != nil
            require(FromPolicy(stored: [text]).allows(address) == isName, "a policy of it refuses it")
        }
        checkList(input)
        checkDomain(text)
        checkNames(text)
        checkPunycode(input)
    }

    static func check(_ address: Mail.EmailAddress) {
        let spec = address.addrSpec
        require(spec.isPrintableASCII, "an address with other than printable ASCII")
        require(spec.utf8.count <= 254, "an address of \(spec.utf8.count) bytes")
        require(!spec.hasSuffix("@") && spec.contains("@"), "an address without a domain")
        require(parsed(spec) == address.withoutName, "\(spec) is another address when it is read again")
        require(parsed(address.displayText) == address, "\(address.displayText.debugDescription) is read as another")
        let form = address.headerForm
        require(form.isPrintableASCII, "a header form with other than printable ASCII")
        require(form.utf8.count < 8192, "a header form of \(form.utf8.count) bytes")
        require(parsed(form) == address, "\(form) is read as another")
        require(Simulator.EmailAddress(spec).fault == nil, "SES would refuse \(spec)")
        require(parsed(address.matchKey)?.matchKey == address.matchKey, "the key of \(spec) is not stable")
        require(FromPolicy(stored: [address.domain]).allows(address), "the domain of \(spec) does not allow it")
        require(FromPolicy(stored: [spec]).allows(address), "\(spec) does not allow itself")
        require(!FromPolicy(stored: ["x" + address.domain]).allows(address), "another domain allows \(spec)")
        let other = "x@" + address.domain
        require(!FromPolicy(stored: [other]).allows(address) || address.matchKey == other, "\(other) allows \(spec)")
    }

    private static func parsed(_ text: String) -> Mail.EmailAddress? { try? Mail.EmailAddress(parsing: text) }

    private static func checkList(_ input: [UInt8]) {
        var parser = AddressParser(input)
        guard let list = try? parser.parseList() else { return }
        require(list.count <= input.count, "more addresses than bytes")
        for address in list.prefix(8) { check(address) }
        var writer = HeaderWriter()
        writer.addresses("To", Array(list.prefix(64)))
        let lines = writer.bytes.text.components("\r\n")
        require(
            lines.allSatisfy { $0.isPrintableASCII && $0.utf8.count <= 998 },
            "a header line that SMTP does not carry"
        )
        var again = AddressParser(writer.bytes.dropFirst(3).filter { $0 != 0x0D && $0 != 0x0A })
        require((try? again.parseList()) == Array(list.prefix(64)), "a list of addresses is read as another")
    }

    private static func checkDomain(_ text: String) {
        guard let domain = try? DomainName(parsing: text) else { return }
        let ascii = domain.ascii
        let labels = ascii.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        require(labels.count > 1 && ascii.utf8.count <= 253, "\(ascii) is no domain of two labels")
        for label in labels {
            require((1...63).contains(label.count), "a label of \(label.count) bytes")
            require(label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-"), "a label with an outer hyphen")
            let isPlain = label.allSatisfy { byte in
                (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-")
            }
            require(isPlain, "\(ascii) holds other than letters, digits and hyphens")
        }
        require((try? DomainName(parsing: ascii)) == domain, "\(ascii) is another domain when it is read again")
        require((try? DomainName(parsing: ascii.uppercased())) == domain, "\(ascii) is another domain in capitals")
    }

    private static func checkNames(_ text: String) {
        let names = text.split(separator: "\n", maxSplits: 3).compactMap { try? SenderName(parsing: $0) }
        for name in names {
            require((try? SenderName(parsing: name.text)) == name, "\(name.text) is another name when it is read again")
            require(name.isWithin(name) && name.isCovered(by: name), "\(name.text) is not within itself")
            for parent in name.domain.parents {
                require(name.domain.isBelow(parent) && !parent.isBelow(name.domain), "\(parent.ascii) is no parent")
            }
            let look = DomainLook(name.domain)
            require(!look.text.isEmpty && !look.skeleton.isEmpty, "\(name.text) looks like nothing")
            require((look.fault?.utf8.count ?? 0) < 1000, "a long fault")
            let isASCII = !name.domain.ascii.contains("xn--")
            let isItself = look.fault == nil && look.text == name.domain.ascii
            require(!isASCII || isItself, "\(name.text) looks other than it is")
        }
        for one in names {
            for other in names where one.isWithin(other) {
                // Whatever the one may send as, the other may.
                let address = one.isAddress ? try? Mail.EmailAddress(parsing: one.text) : nil
                let isAllowed = address.map(FromPolicy(stored: [other.text]).allows) ?? (one == other)
                require(isAllowed, "\(one.text) is within \(other.text), which does not allow it")
            }
        }
    }

    private static func checkPunycode(_ input: [UInt8]) {
        guard input.count <= 63, let scalars = Punycode.decode(input) else { return }
        let encoded = unwrap(Punycode.encode(scalars), "what was decoded cannot be encoded")
        require(Punycode.decode(encoded.utf8) == scalars, "\(encoded) is decoded to something else")
    }
}

extension String {
    func components(_ separator: String) -> [Substring] {
        var parts: [Substring] = []
        var rest = self[...]
        let mark = Array(separator.utf8)
        var start = rest.utf8.startIndex
        while let found = rest.utf8.firstIndex(of: mark[0]) {
            guard rest.utf8[found...].starts(with: mark) else {
                rest = rest[rest.utf8.index(after: found)...]
                continue
            }
            parts.append(self[start..<found])
            start = rest.utf8.index(found, offsetBy: mark.count)
            rest = rest[start...]
        }
        return parts + [self[start...]]
    }
}

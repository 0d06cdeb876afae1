/// The names of accounts, tenants and regions: 1 to 64 letters, digits, `-`, `_` or `.`, not starting with a dot.
enum DirectoryName {
    static func isValid(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count) && name.first != "."
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
                case UInt8(ascii: "0")...UInt8(ascii: "9"): true
                case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
                default: false
                }
            }
    }

    static func check(_ name: String, at path: [any CodingKey]) throws(DecodingError) {
        guard isValid(name) else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: path,
                    debugDescription: "must be 1 to 64 letters, digits, '-', '_' or '.', not starting with '.'"
                )
            )
        }
    }
}

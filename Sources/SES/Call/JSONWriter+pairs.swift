extension JSONWriter {
    /// SES's tags and headers: a member with an array of `Name` and `Value`; left out when there are none.
    mutating func pairs(_ key: StaticString, _ pairs: [(name: String, value: String)]) {
        guard !pairs.isEmpty else { return }
        member(key) { writer in
            writer.array(pairs) { writer, pair in
                writer.object { writer in
                    writer.member("Name", pair.name)
                    writer.member("Value", pair.value)
                }
            }
        }
    }
}

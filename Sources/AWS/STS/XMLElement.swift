/// An element of the small XML documents that STS and SNS answer with: names, text and children. Attributes and name space
/// prefixes are dropped; document types, which could define entities, are refused.
public struct XMLElement: Sendable {
    public let name: String
    public private(set) var text = ""
    public private(set) var children: [XMLElement] = []

    /// The document's root, or `nil` if `bytes` is not one well-formed document of this kind.
    public static func parse(_ bytes: [UInt8]) -> XMLElement? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        var rest = text[...]
        var open: [XMLElement] = []
        while let start = rest.firstIndex(of: "<") {
            let before = rest[..<start]
            rest = rest[start...]
            if open.isEmpty {
                guard before.allSatisfy(\.isWhitespace) else { return nil }
            } else {
                guard let characters = unescaped(before) else { return nil }
                open[open.count - 1].text += characters
            }
            if rest.hasPrefix("<?") || rest.hasPrefix("<!--") {
                guard let after = rest.after(rest.hasPrefix("<?") ? "?>" : "-->") else { return nil }
                rest = after
                continue
            }
            guard let end = rest.firstIndex(of: ">") else { return nil }
            let tag = rest[rest.index(after: start)..<end]
            rest = rest[rest.index(after: end)...]
            if tag.hasPrefix("/") {
                guard let element = open.popLast(), localName(tag.dropFirst()) == element.name else { return nil }
                if open.isEmpty { return rest.allSatisfy(\.isWhitespace) ? element : nil }
                open[open.count - 1].children.append(element)
            } else {
                let isEmpty = tag.hasSuffix("/")
                guard let name = localName(isEmpty ? tag.dropLast() : tag), open.count < 32 else { return nil }
                if !isEmpty {
                    open.append(XMLElement(name: name))
                } else if open.isEmpty {
                    return rest.allSatisfy(\.isWhitespace) ? XMLElement(name: name) : nil
                } else {
                    open[open.count - 1].children.append(XMLElement(name: name))
                }
            }
        }
        return nil
    }

    private init(name: String) {
        self.name = name
    }

    /// The first child called `name`.
    public subscript(name: String) -> XMLElement? {
        children.first { $0.name == name }
    }

    /// The name at the start of a tag, without a prefix; `nil` if the tag starts with anything else.
    private static func localName(_ tag: Substring) -> String? {
        let qualified = tag.prefix { !$0.isWhitespace }
        let name = qualified.split(separator: ":", omittingEmptySubsequences: false).last ?? ""
        guard let first = name.first, first.isLetter,
            name.allSatisfy({ $0.isLetter || $0.isNumber || "-_.".contains($0) })
        else { return nil }
        return String(name)
    }

    private static func unescaped(_ text: Substring) -> String? {
        guard text.contains("&") else { return String(text) }
        var result = ""
        var rest = text
        while let start = rest.firstIndex(of: "&") {
            result += rest[..<start]
            guard let end = rest[start...].firstIndex(of: ";"),
                let character = character(of: rest[rest.index(after: start)..<end])
            else { return nil }
            result.append(character)
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }

    private static func character(of entity: Substring) -> Character? {
        switch entity {
        case "lt": return "<"
        case "gt": return ">"
        case "amp": return "&"
        case "quot": return "\""
        case "apos": return "'"
        default:
            guard entity.hasPrefix("#") else { return nil }
            let isHexadecimal = entity.hasPrefix("#x")
            let number = UInt32(entity.dropFirst(isHexadecimal ? 2 : 1), radix: isHexadecimal ? 16 : 10)
            return number.flatMap(Unicode.Scalar.init).map(Character.init)
        }
    }
}

extension Substring {
    /// What follows the first `mark`.
    fileprivate func after(_ mark: String) -> Substring? {
        firstRange(of: mark).map { self[$0.upperBound...] }
    }
}

import Foundation

@testable import Feedback
@testable import Gateway
@testable import Simulator

/// The JSON of requests: what the gateway takes, Foundation takes too, with the same values, and so do the two other readers of
/// ours.
///
/// Differences that are meant: the gateway has bounds (depth, members, values), refuses NUL and lone surrogates, and has
/// numbers that no `Double` holds.
enum JSONProperties {
    static func check(_ input: [UInt8]) {
        let document: JSONDocument
        do {
            document = try JSONDocument(input)
        } catch {
            return checkRefusal(error, input)
        }
        walk(document.root)
        var reader = unwrap(try? JSONReader(input), "the simulator's reader says that it is not UTF-8")
        require((try? reader.skip()) != nil && (try? reader.end()) != nil, "the simulator's reader refuses it")
        guard (try? document.requireUnique()) != nil else { return }
        let value = tree(document.root)
        let bytes = value.bytes
        let again = unwrap(try? JSONDocument(bytes), "what was written is refused: \(bytes.text)")
        require(tree(again.root).bytes == bytes, "written and read again it is something else")
        compare(document.root, with: foundation(input, document.root))
        compareMembers(document.root, input)
    }

    private static func checkRefusal(_ problem: Problem, _ input: [UInt8]) {
        require(problem.code == .invalidJSON || problem.code == .invalidMessage, "refused as \(problem.code.name)")
        require(problem.detail.utf8.count < 20_000, "a refusal of \(problem.detail.utf8.count) bytes")
        require(problem.errors.count <= 1, "\(problem.errors.count) errors")
        let isMeant = problem.code == .invalidMessage || input.contains(0) || problem.detail.contains("surrogate")
        guard !isMeant, var reader = try? JSONReader(input) else { return }
        let isTaken = (try? reader.skip()) != nil && (try? reader.end()) != nil
        require(!isTaken, "the gateway refuses what the simulator takes: \(problem.detail)")
    }

    /// Every way to read an element, none of which may trap.
    private static func walk(_ element: JSONElement) {
        _ = try? element.string()
        _ = try? element.flag()
        _ = try? element.strings()
        _ = try? element.texts()
        let isPlain = element.isString || element.kind == .number
        if isPlain {
            let part = unwrap(try? JSONDocument(Array(element.verbatim.utf8)), "an element's text is no JSON")
            require(tree(part.root).bytes == tree(element).bytes, "an element's text is another element")
        }
        if let elements = try? element.elements() { for element in elements { walk(element) } }
        try? element.members { _, value in walk(value) }
    }

    /// The element as it would be written.
    static func tree(_ element: JSONElement) -> JSONValue {
        switch element.kind {
        case .null: return .null
        case .yes: return .bool(true)
        case .no: return .bool(false)
        case .number: return .verbatim(element.verbatim)
        case .string, .escaped: return .string(unwrap(try? element.string(), "a string is none"))
        case .array: return .array(unwrap(try? element.elements(), "an array is none").map(tree))
        case .object: return .object(members(element).map { ($0.name, tree($0.value)) })
        }
    }

    static func members(_ element: JSONElement) -> [(name: String, value: JSONElement)] {
        var members: [(name: String, value: JSONElement)] = []
        require((try? element.members { members.append(($0, $1)) }) != nil, "an object is none")
        return members
    }

    /// Nil where a number is too large for Foundation.
    private static func foundation(_ input: [UInt8], _ root: JSONElement) -> Any? {
        let value = try? JSONSerialization.jsonObject(with: Data(input), options: .fragmentsAllowed)
        require(value != nil || hasUnfitNumber(root), "Foundation refuses it")
        return value
    }

    private static func hasUnfitNumber(_ element: JSONElement) -> Bool {
        switch element.kind {
        case .number: Double(element.verbatim).map { !$0.isFinite || ($0 == 0 || abs($0) < 1e-300) } ?? true
        case .array: (try? element.elements())?.contains(where: hasUnfitNumber) ?? false
        case .object: members(element).contains { hasUnfitNumber($0.value) }
        default: false
        }
    }

    private static func compare(_ element: JSONElement, with value: Any?) {
        guard let value else { return }
        switch element.kind {
        case .null: require(value is NSNull, "null is \(value)")
        case .yes: require(value as? Bool == true, "true is \(value)")
        case .no: require(value as? Bool == false, "false is \(value)")
        case .number:
            let number = unwrap((value as? NSNumber)?.doubleValue, "a number is \(value)")
            let ours = unwrap(Double(element.verbatim), "no number")
            // Foundation is inexact with many digits.
            require(abs(number - ours) <= abs(ours) * 1e-12, "\(element.verbatim) is \(number)")
        case .string, .escaped:
            let text = unwrap(value as? String, "a string is \(value)")
            let ours = unwrap(try? element.string(), "no string")
            require(text.isSame(as: ours), "\(ours.debugDescription) is \(text.debugDescription)")
        case .array:
            let values = unwrap(value as? [Any], "an array is \(value)")
            let elements = unwrap(try? element.elements(), "no array")
            require(values.count == elements.count, "\(elements.count) elements are \(values.count)")
            for (element, value) in zip(elements, values) { compare(element, with: value) }
        case .object:
            let values = unwrap(value as? [String: Any], "an object is \(value)")
            let members = members(element)
            require(values.count == members.count, "\(members.count) members are \(values.count)")
            for (name, element) in members {
                compare(element, with: unwrap(values[name], "there is no member \(name.debugDescription)"))
            }
        }
    }

    /// The scanner of SNS's envelopes reads the same members.
    private static func compareMembers(_ root: JSONElement, _ input: [UInt8]) {
        guard root.kind == .object else { return require(MemberScanner.members(input) == nil, "this is no object") }
        let members = members(root)
        guard members.count <= 200 else { return }
        let scanned = unwrap(MemberScanner.members(input), "the scanner refuses an object")
        require(scanned.count == members.count, "the scanner finds \(scanned.count) of \(members.count) members")
        for (ours, theirs) in zip(members, scanned) {
            require(ours.name.isSame(as: theirs.name), "the scanner reads another name")
            switch theirs.value {
            case .text(let text): require((try? ours.value.string())?.isSame(as: text) == true, "another text")
            case .other(let isNull):
                require(!ours.value.isString && (ours.value.kind == .null) == isNull, "another kind")
            }
        }
    }
}

/// Fills one part of a template. What comes out is bounded, and so is the work: a template cannot be a bomb.
struct TemplateRenderer {
    /// Of all parts of one mail together.
    static let maximumSteps = 20_000
    private static let maximumFailures = 20
    /// What is found missing so often is said already, or never will be.
    private static let maximumComplaints = 200

    private struct Frame {
        let value: TemplateValue
        /// Where the value stands in the data.
        let place: [String]
        var index: Int?
        var key: String?
        var isLast = false
    }

    private let escapes: Bool
    private let maximumBytes: Int
    private var frames: [Frame]
    private var output: [UInt8] = []
    private var stepsLeft: Int
    private var complaints = 0
    private(set) var failures: [ValidationFailure] = []

    /// - Parameters:
    ///   - escapes: for HTML; `{{{x}}}` never is.
    ///   - maximumBytes: of what comes out.
    ///   - stepsLeft: of the mail's.
    private init(_ data: TemplateValue, escapes: Bool, maximumBytes: Int, stepsLeft: Int) {
        self.stepsLeft = stepsLeft
        self.escapes = escapes
        self.maximumBytes = maximumBytes
        frames = [Frame(value: data, place: [])]
    }

    /// - Parameter stepsLeft: what it takes of them is taken off.
    /// - Throws: everything that is missing, or that it becomes too much.
    static func render(
        _ nodes: [TemplateNode],
        _ data: TemplateValue,
        escapes: Bool,
        maximumBytes: Int,
        stepsLeft: inout Int
    ) throws(TemplateDataError) -> String {
        var renderer = TemplateRenderer(data, escapes: escapes, maximumBytes: maximumBytes, stepsLeft: stepsLeft)
        defer { stepsLeft = renderer.stepsLeft }
        try renderer.render(nodes)
        guard renderer.failures.isEmpty else { throw TemplateDataError(failures: renderer.failures) }
        return String(decoding: renderer.output, as: UTF8.self)
    }

    private mutating func render(_ nodes: [TemplateNode]) throws(TemplateDataError) {
        for node in nodes {
            try step(node.weight)
            switch node {
            case .text(let text): try append(text.utf8)
            case .value(let path, let isRaw): try render(path, isRaw: isRaw)
            case .block(.ifTrue, let path, let body, let otherwise):
                try render(find(path)?.value.isTrue ?? false ? body : otherwise)
            case .block(.unless, let path, let body, let otherwise):
                try render(find(path)?.value.isTrue ?? false ? otherwise : body)
            case .block(.each, let path, let body, let otherwise):
                try renderEach(path, body, otherwise)
            }
        }
    }

    private mutating func step(_ count: Int) throws(TemplateDataError) {
        stepsLeft -= count
        guard stepsLeft >= 0 else {
            throw Self.excess("filling the template takes more than \(Self.maximumSteps) steps")
        }
    }

    private static func excess(_ detail: String) -> TemplateDataError {
        TemplateDataError(failures: [ValidationFailure(pointer: "", detail: detail)])
    }

    private mutating func append(_ bytes: some Collection<UInt8>) throws(TemplateDataError) {
        guard output.count + bytes.count <= maximumBytes else {
            throw Self.excess("the filled template has more than \(maximumBytes) bytes")
        }
        output.append(contentsOf: bytes)
    }

    private mutating func render(_ path: TemplatePath, isRaw: Bool) throws(TemplateDataError) {
        guard let found = find(path) else { return fail(at: place(of: path), "is missing; the template needs it") }
        guard let text = found.value.printed else {
            return fail(at: found.place, "is a list or an object, where the template needs a text")
        }
        if isRaw || !escapes { try append(text.utf8) } else { try append(Self.escaped(text)) }
    }

    private mutating func renderEach(
        _ path: TemplatePath,
        _ body: [TemplateNode],
        _ otherwise: [TemplateNode]
    ) throws(TemplateDataError) {
        guard let found = find(path) else { return fail(at: place(of: path), "is missing; the template needs it") }
        switch found.value {
        case .null: try render(otherwise)
        case .list(let values) where values.isEmpty: try render(otherwise)
        case .object(let members) where members.isEmpty: try render(otherwise)
        case .list(let values):
            for (index, value) in values.enumerated() {
                try render(body, of: value, found.place, key: "\(index)", index: index, of: values.count)
            }
        case .object(let members):
            // Sorting is work, too, and compares long names to their ends.
            try step(members.reduce(0) { $0 + 1 + $1.key.utf8.count / 64 })
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                try render(body, of: member.value, found.place, key: member.key, index: index, of: members.count)
            }
        case .bool, .integer, .decimal, .text: fail(at: found.place, "is no list, where the template needs one")
        }
    }

    private mutating func render(
        _ body: [TemplateNode],
        of value: TemplateValue,
        _ place: [String],
        key: String,
        index: Int,
        of count: Int
    ) throws(TemplateDataError) {
        // A body without anything in it would cost nothing else.
        try step(1)
        frames.append(
            Frame(value: value, place: place + [key], index: index, key: key, isLast: index == count - 1)
        )
        try render(body)
        frames.removeLast()
    }

    private mutating func fail(at place: [String], _ detail: String) {
        complaints += 1
        guard failures.count < Self.maximumFailures, complaints <= Self.maximumComplaints else { return }
        let pointer = place.reduce(into: "") { $0 += "/" + ValidationFailure.token($1) }
        let failure = ValidationFailure(pointer: pointer, detail: detail)
        if !failures.contains(failure) { failures.append(failure) }
    }

    // MARK: Finding values

    private func frame(_ up: Int) -> Frame? { frames.dropLast(up).last }

    private func place(of path: TemplatePath) -> [String] {
        switch path.start {
        case .here(let up): (frame(up)?.place ?? []) + path.names
        default: path.names
        }
    }

    private func find(_ path: TemplatePath) -> (value: TemplateValue, place: [String])? {
        let turn = frames.last
        switch path.start {
        case .index: return turn?.index.map { (.integer(Int64($0)), []) }
        case .key: return turn?.key.map { (.text($0), []) }
        case .first: return turn?.index.map { (.bool($0 == 0), []) }
        case .last: return turn?.index.map { _ in (.bool(turn?.isLast ?? false), []) }
        case .root: return frames.first.flatMap { Self.find(path.names, in: $0) }
        case .here(let up): return frame(up).flatMap { Self.find(path.names, in: $0) }
        }
    }

    private static func find(_ names: [String], in frame: Frame) -> (value: TemplateValue, place: [String])? {
        var value = frame.value
        for name in names {
            switch value {
            case .object(let members):
                guard let member = members[name] else { return nil }
                value = member
            case .list(let values) where name == "length": value = .integer(Int64(values.count))
            case .list(let values):
                guard let index = Int(name), values.indices.contains(index) else { return nil }
                value = values[index]
            default: return nil
            }
        }
        return (value, frame.place + names)
    }

    // MARK: HTML

    private static func escaped(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): bytes += "&amp;".utf8
            case UInt8(ascii: "<"): bytes += "&lt;".utf8
            case UInt8(ascii: ">"): bytes += "&gt;".utf8
            case UInt8(ascii: "\""): bytes += "&quot;".utf8
            case UInt8(ascii: "'"): bytes += "&#x27;".utf8
            case UInt8(ascii: "`"): bytes += "&#x60;".utf8
            case UInt8(ascii: "="): bytes += "&#x3D;".utf8
            default: bytes.append(byte)
            }
        }
        return bytes
    }
}

extension TemplateNode {
    /// Steps that it takes by itself: a long way to a value is more than one.
    fileprivate var weight: Int {
        switch self {
        case .text: 1
        case .value(let path, _), .block(_, let path, _, _):
            path.names.reduce(1) { $0 + 1 + $1.utf8.count / 64 }
        }
    }
}

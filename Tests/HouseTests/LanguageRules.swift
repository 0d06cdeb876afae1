/// What the code may not say, and where.
enum LanguageRules {
    /// The modules that wrap a C library: the only ones that may be unsafe.
    static let unsafeFolders = ["Sources/Postgres/", "Sources/Outbound/", "Sources/Signing/"]

    /// Files that may start an unstructured task, each with the reason.
    static let taskFiles: [String: String] = [:]

    static let lineLimit = 400

    /// Words that switch the compiler's checks off.
    static func unsafeWords(in file: SourceFile) -> [Finding] {
        guard !unsafeFolders.contains(where: file.path.hasPrefix) else { return [] }
        let words: Set<String> = ["unsafe", "OpaquePointer", "Unmanaged"]
        return file.tokens.indices.compactMap { index in
            let token = file.tokens[index]
            let isAttribute = index > 0 && file.tokens[index - 1].text == "@"
            let isUnsafe =
                words.contains(token.text)
                || token.text.hasPrefix("Unsafe") && token.text.hasSuffix("Pointer")
                || isAttribute && ["unchecked", "safe", "preconcurrency"].contains(token.text)
            return isUnsafe
                ? Finding(path: file.path, line: token.line, what: "\(token.text) outside a C wrapper") : nil
        }
    }

    /// Tasks that no parent waits for.
    static func unstructuredTasks(in file: SourceFile) -> [Finding] {
        guard taskFiles[file.path] == nil else { return [] }
        let tokens = file.tokens
        return tokens.indices.compactMap { index in
            guard tokens[index].text == "Task" else { return nil }
            var next = index + 1
            if next < tokens.count, tokens[next].text == "<" {
                while next < tokens.count, tokens[next].text != ">" { next += 1 }
                next += 1
            }
            guard next < tokens.count else { return nil }
            let isCreation =
                switch tokens[next].text {
                case "{", "(": true
                case ".":
                    next + 1 < tokens.count
                        && ["init", "detached", "immediate", "immediateDetached"].contains(tokens[next + 1].text)
                default: false
                }
            guard isCreation else { return nil }
            return Finding(path: file.path, line: tokens[index].line, what: "an unstructured Task")
        }
    }

    /// Ways to end the process in the middle of work.
    static func crashes(in file: SourceFile) -> [Finding] {
        let tokens = file.tokens
        return tokens.indices.compactMap { index in
            let token = tokens[index]
            // `try !f()` is a negation, not a forced try.
            let next = index + 1 < tokens.count ? tokens[index + 1] : nil
            let isForcedTry = token.text == "try" && next?.text == "!" && next.map(token.touches) == true
            guard token.text == "fatalError" || isForcedTry else { return nil }
            return Finding(path: file.path, line: token.line, what: isForcedTry ? "try!" : token.text)
        }
    }

    static func length(of file: SourceFile) -> [Finding] {
        let lines = file.text.utf8.count { $0 == UInt8(ascii: "\n") }
        guard lines > lineLimit else { return [] }
        return [Finding(path: file.path, line: lines, what: "more than \(lineLimit) lines")]
    }

    /// A type with its module's name: nothing else in the module could be named in full.
    static func moduleNames(in file: SourceFile, module: String) -> [Finding] {
        let kinds: Set<String> = ["struct", "class", "enum", "actor", "protocol", "typealias"]
        return file.tokens.indices.dropFirst().compactMap { index in
            guard file.tokens[index].text == module, kinds.contains(file.tokens[index - 1].text) else { return nil }
            return Finding(path: file.path, line: file.tokens[index].line, what: "a type with its module's name")
        }
    }
}

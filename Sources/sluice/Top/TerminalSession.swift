import Foundation
import Glibc
import Synchronization

/// The terminal while a picture is on it: keys come at once and unseen, the picture has a screen of its own.
///
/// Its modes are set by `stty`, since the calls behind it want memory that Swift does not watch over.
final class TerminalSession: Sendable {
    /// As `stty -g` gave them.
    private let modes: String
    private let isTaken = Atomic<Bool>(false)

    static var isTerminal: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 }

    /// Whether the terminal listens to us: not after `bg`.
    static var isInForeground: Bool { tcgetpgrp(STDIN_FILENO) == getpgrp() }

    /// Takes the terminal over. ``leave()`` gives it back.
    init() throws {
        modes = try Self.stty("-g").trimmingCharacters(in: .whitespacesAndNewlines)
        try enter()
    }

    func enter() throws {
        // Ctrl-C stays a signal; Ctrl-Z comes as a key, so that the terminal is put right before the process stops.
        _ = try Self.stty("-icanon", "-echo", "-ixon", "susp", "undef", "min", "1", "time", "0")
        // A screen of its own, no cursor, no wrapping.
        isTaken.store(true, ordering: .relaxed)
        Self.write("\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l")
    }

    /// As it was, once. What fails here has no remedy.
    func leave() {
        guard isTaken.exchange(false, ordering: .relaxed) else { return }
        Self.write("\u{1B}[0m\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l")
        _ = try? Self.stty(modes)
    }

    /// Writes a picture, with a line for each row, over the one before. A row is cleared before it is written: behind the last
    /// column the cursor stands on it, and clearing would take its character.
    func show(_ lines: [String]) {
        Self.write("\u{1B}[H" + lines.map { "\u{1B}[2K" + $0 }.joined(separator: "\r\n") + "\u{1B}[?25l")
    }

    /// Columns and rows; those of a terminal of old where it does not say.
    static func size() -> (columns: Int, rows: Int) {
        let numbers = ((try? stty("size")) ?? "").split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        guard numbers.count == 2, numbers[0] > 0, numbers[1] > 0 else { return (80, 24) }
        return (min(numbers[1], 500), min(numbers[0], 500))
    }

    private static func write(_ text: String) {
        try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    }

    /// A child has a process group of its own, and one in the background is stopped when it touches the terminal, unless it
    /// ignores the signal.
    private static func stty(_ arguments: String...) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", "trap '' TTOU TTIN; exec stty \"$@\"", "stty"] + arguments
        process.standardInput = FileHandle.standardInput
        process.standardError = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw CommandFailure("the terminal cannot be set up (stty \(arguments.joined(separator: " ")) failed)")
        }
        return String(decoding: text, as: UTF8.self)
    }
}

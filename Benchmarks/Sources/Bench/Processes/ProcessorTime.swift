import Foundation

/// CPU time as the kernel counts it in `/proc`.
enum ProcessorTime {
    /// Of a process with its threads, in hundredths of a second.
    static func seconds(of process: Int32) throws -> Double {
        let fields = try fields(of: process)
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
            throw Failure("/proc/\(process)/stat has an unknown form")
        }
        return (user + system) / 100
    }

    /// Of PostgreSQL, say: a process with one thread and its children, those that have ended included.
    static func seconds(ofFamily process: Int32) throws -> Double {
        // A process may end while we look.
        try family(of: process).dropFirst().reduce(seconds(ofThread: process) + seconds(ofEnded: process)) {
            $0 + ((try? seconds(ofThread: $1)) ?? 0)
        }
    }

    /// A process and its children.
    static func family(of process: Int32) throws -> [Int32] {
        let processes = try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap(Int32.init)
        return [process] + processes.filter { (try? fields(of: $0))?.dropFirst().first == "\(process)" }
    }

    /// Of a process with one thread, in nanoseconds: hundredths of a hundred backends would add up to a second.
    private static func seconds(ofThread process: Int32) throws -> Double {
        let text = try? String(contentsOfFile: "/proc/\(process)/schedstat", encoding: .utf8)
        guard let nanoseconds = text?.split(separator: " ").first.flatMap({ Double($0) }) else {
            // A kernel without these statistics.
            return try seconds(of: process)
        }
        return nanoseconds / 1e9
    }

    /// Of those children of a process that it has waited for.
    static func seconds(ofEnded process: Int32) throws -> Double {
        let fields = try fields(of: process)
        guard fields.count > 14, let user = Double(fields[13]), let system = Double(fields[14]) else {
            throw Failure("/proc/\(process)/stat has an unknown form")
        }
        return (user + system) / 100
    }

    /// What follows the name, which may itself hold spaces and brackets: state, parent, ...
    private static func fields(of process: Int32) throws -> [Substring] {
        let text = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        guard let end = text.lastIndex(of: ")") else { throw Failure("/proc/\(process)/stat has an unknown form") }
        return text[text.index(after: end)...].split(separator: " ")
    }
}

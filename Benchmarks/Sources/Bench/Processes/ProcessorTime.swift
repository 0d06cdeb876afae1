import Foundation

/// CPU time as `/proc/PID/stat` counts it, in hundredths of a second.
enum ProcessorTime {
    static func seconds(of process: Int32) throws -> Double {
        let fields = try fields(of: process)
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
            throw Failure("/proc/\(process)/stat has an unknown form")
        }
        return (user + system) / 100
    }

    /// Of a process and its children.
    static func seconds(ofFamily process: Int32) throws -> Double {
        // A process may end while we look.
        try family(of: process).dropFirst().reduce(seconds(of: process)) { $0 + ((try? seconds(of: $1)) ?? 0) }
    }

    /// A process and its children.
    static func family(of process: Int32) throws -> [Int32] {
        let processes = try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap(Int32.init)
        return [process] + processes.filter { (try? fields(of: $0))?.dropFirst().first == "\(process)" }
    }

    /// What follows the name, which may itself hold spaces and brackets: state, parent, ...
    private static func fields(of process: Int32) throws -> [Substring] {
        let text = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        guard let end = text.lastIndex(of: ")") else { throw Failure("/proc/\(process)/stat has an unknown form") }
        return text[text.index(after: end)...].split(separator: " ")
    }
}

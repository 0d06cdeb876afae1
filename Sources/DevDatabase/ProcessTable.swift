import Foundation

/// What `/proc` says of a process.
enum ProcessTable {
    /// The parent's id; nil when the process is gone (or dead and not yet collected).
    static func parent(of processID: Int32) -> Int32? {
        guard let stat = try? String(contentsOfFile: "/proc/\(processID)/stat", encoding: .utf8) else { return nil }
        // The second field, the name in parentheses, may itself hold blanks and parentheses.
        guard let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        guard fields.count > 2, fields[0] != "Z" else { return nil }
        return Int32(fields[1])
    }

    /// Whether the process is a PostgreSQL server that works on `data`. Where that can't be read, a server counts as one.
    static func isServer(_ processID: Int32, data: String) -> Bool {
        guard parent(of: processID) != nil,
            let bytes = FileManager.default.contents(atPath: "/proc/\(processID)/cmdline"),
            let program = bytes.split(separator: 0).first
        else { return false }
        let name = String(decoding: program, as: UTF8.self).split(separator: "/").last ?? ""
        guard name == "postgres" || name == "postmaster" else { return false }
        let folder = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(processID)/cwd")
        return folder == nil || folder == ServerFolder.resolved(data)
    }
}

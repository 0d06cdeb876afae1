import FoundationEssentials
import Glibc

/// The process's own figures from `/proc/self`, under the names that every Prometheus client library uses.
struct ProcessFigures: Sendable {
    static let names = [
        "process_cpu_seconds_total", "process_resident_memory_bytes", "process_virtual_memory_bytes",
        "process_start_time_seconds", "process_open_fds", "process_max_fds",
    ]

    private(set) var figures: [(name: String, kind: MetricKind, help: String, value: Double)] = []

    var blocks: [(name: String, text: String)] {
        figures.map { figure in
            let text = """
                # HELP \(figure.name) \(figure.help)
                # TYPE \(figure.name) \(figure.kind.rawValue)
                \(figure.name) \(MetricNumber.text(figure.value))

                """
            return (figure.name, text)
        }
    }

    /// What could be read; a figure that could not is left out.
    ///
    /// - Parameter start: when the process started. Linux tells it in ticks since the machine's start, and that is hidden where
    ///   only processes are shown (`ProcSubset=pid` of systemd).
    static func read(start: Date) -> Self {
        let files = FileManager.default
        return Self(
            stat: text("/proc/self/stat"),
            start: start,
            limits: text("/proc/self/limits"),
            openFiles: (try? files.contentsOfDirectory(atPath: "/proc/self/fd"))?.count,
            ticksPerSecond: Double(sysconf(Int32(_SC_CLK_TCK))),
            pageSize: Double(sysconf(Int32(_SC_PAGESIZE)))
        )
    }

    /// - Parameters: the texts of `/proc/self/stat` and `/proc/self/limits` (proc(5)), when the process started, and the kernel's units.
    init(
        stat: String,
        start: Date,
        limits: String,
        openFiles: Int?,
        ticksPerSecond: Double,
        pageSize: Double
    ) {
        // After the name in parentheses, the first field is number 3, the state.
        let fields = (stat.lastIndex(of: ")").map { stat[stat.index(after: $0)...] } ?? "").split(separator: " ")
        func field(_ number: Int) -> Double? { fields.count > number - 3 ? Double(fields[number - 3]) : nil }

        if let user = field(14), let system = field(15) {
            let seconds = (user + system) / ticksPerSecond
            add("process_cpu_seconds_total", .counter, "User and system CPU time spent, in seconds.", seconds)
        }
        if let pages = field(24) {
            add("process_resident_memory_bytes", .gauge, "Resident memory size in bytes.", pages * pageSize)
        }
        if let bytes = field(23) {
            add("process_virtual_memory_bytes", .gauge, "Virtual memory size in bytes.", bytes)
        }
        let since = start.timeIntervalSince1970
        add("process_start_time_seconds", .gauge, "Start of the process in seconds since the epoch.", since)
        if let openFiles {
            add("process_open_fds", .gauge, "Open file descriptors.", Double(openFiles))
        }
        let line = limits.split(separator: "\n").first { $0.hasPrefix("Max open files") }
        if let soft = line?.split(separator: " ").dropFirst(3).first.flatMap({ Double($0) }) {
            add("process_max_fds", .gauge, "Open file descriptors allowed.", soft)
        }
    }

    private mutating func add(_ name: String, _ kind: MetricKind, _ help: String, _ value: Double) {
        figures.append((name, kind, help, value))
    }

    private static func text(_ path: String) -> String {
        (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }
}

import Directory

/// What `sluice dev` prints when everything runs: the keys, and a first send to paste.
struct DevBanner {
    let publicPort: Int
    let operatorAddress: String
    let simulatorURL: String?
    let databaseURL: String?
    let keys: [String: String]
    let keysFile: String
    let directory: DirectoryDocument

    var text: String {
        var lines = ["", "Sluice is running.", "", "  tenant API  http://127.0.0.1:\(publicPort)"]
        lines.append(
            "  dashboard   http://\(operatorAddress)/dashboard  (the key admin; a tenant's at the API's /dashboard)"
        )
        lines.append("  operator    http://\(operatorAddress)/metrics")
        if let simulatorURL {
            lines.append("  SES         simulated at \(simulatorURL) (/_simulator/summary, /_simulator/outcomes)")
        }
        if let databaseURL { lines.append("  database    \(databaseURL)  (for --database-url)") }
        lines += ["", "Keys (kept in \(keysFile)):", ""]
        let width = keys.keys.map(\.count).max() ?? 0
        for (name, key) in keys.sorted(by: { $0.key < $1.key }) {
            lines.append("  \(name.padded(to: width))  \(key)")
        }
        if let tenant = directory.tenants.first, let key = keys[tenant.name], let domain = tenant.fromDomains.first {
            lines += ["", "A first send, and what became of it:", ""]
            lines.append(contentsOf: Self.example(port: publicPort, key: key, from: sender(domain)))
        }
        lines += ["", "Ctrl-C stops everything; the data stay."]
        return lines.joined(separator: "\n") + "\n"
    }

    private func sender(_ entry: String) -> String { entry.contains("@") ? entry : "shop@\(entry)" }

    private static func example(port: Int, key: String, from: String) -> [String] {
        [
            "curl -s http://127.0.0.1:\(port)/send -H 'Authorization: Bearer \(key)' -H 'Content-Type: application/json' "
                + "-d '{\"from\": \"\(from)\", \"to\": \"success@simulator.amazonses.com\", \"subject\": \"Hello\", "
                + "\"text\": \"It works.\"}'",
            "",
            "curl -s http://127.0.0.1:\(port)/messages/ID -H 'Authorization: Bearer \(key)'",
            "",
            "bounce@simulator.amazonses.com bounces, complaint@ complains, ooto@ answers by machine. What happens, as it "
                + "happens:",
            "",
            "curl -s 'http://127.0.0.1:\(port)/events?after=0&wait=30' -H 'Authorization: Bearer \(key)'",
        ]
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}

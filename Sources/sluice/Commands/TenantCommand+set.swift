import ArgumentParser
import Coding
import Directory
import Foundation

extension TenantCommand {
    struct SetTenant: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set",
            abstract: "Make a tenant, or change what is said of one: in force on every node within two seconds."
        )

        @OptionGroup var options: DatabaseOptions

        @Argument(help: "The tenant.")
        var name: String

        @Option(name: .long, help: "What people read.")
        var displayName: String?

        @Option(
            name: .customLong("from-domain"),
            parsing: .singleValue,
            help: "A From domain or address that it may use; again for more. Replaces those that it has."
        )
        var fromDomains: [String] = []

        @Option(
            name: .customLong("shared-domain"),
            parsing: .singleValue,
            help: "One of those that another tenant may use, too; again for more. Replaces those that it has."
        )
        var sharedDomains: [String] = []

        @Option(
            name: .customLong("region"),
            parsing: .singleValue,
            help: "Where mail for a region goes, such as AT=main/AT; again for more. Replaces those that it has."
        )
        var regions: [String] = []

        @Option(name: .long, help: "The region of mail that names none.")
        var defaultRegion: String?

        @Option(name: .long, help: "Requests a second, or `none`.")
        var apiRate: String?

        @Option(name: .long, help: "Recipients that may wait at once, or `none`.")
        var queued: String?

        @Option(name: .long, help: "Recipients in 24 hours, or `none`.")
        var daily: String?

        @Option(name: .long, help: "What is done after an unknown outcome: resend, hold or fail.")
        var unknownPolicy: String?

        @Flag(inversion: .prefixedNo, help: "Whether its bulk mail has a link to unsubscribe in the header.")
        var oneClickUnsubscribe: Bool?

        @Option(
            name: .customLong("report-to"),
            parsing: .singleValue,
            help: "Who gets its weekly report by mail; again for more. Replaces those who did. `none`: nobody."
        )
        var reportTo: [String] = []

        @Option(name: .long, help: "The address that its report comes from, one that it may send from.")
        var reportFrom: String?

        @Option(name: .long, help: "The region that its report is routed by, or `default`.")
        var reportRegion: String?

        @Flag(name: .long, help: "Only show what would change.")
        var dryRun = false

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        func validate() throws {
            for region in regions where !region.contains("=") {
                throw ValidationError("--region: '\(region)' is not REGION=ACCOUNT/PATH, such as AT=main/AT.")
            }
            for limit in [apiRate, queued, daily].compactMap(\.self) where limit != "none" && Int(limit) == nil {
                throw ValidationError("A limit is a whole number, or `none`: '\(limit)' is not.")
            }
            if reportTo.contains("none"), reportTo.count > 1 || reportFrom != nil || reportRegion != nil {
                throw ValidationError("--report-to none stands alone.")
            }
        }

        func run() async throws {
            let change = try await DatabaseAccess.withPool(options) { pool in
                let current = try await DirectoryLoader.load(pool).tenant(named: name)
                return try await DirectoryStore(pool: pool).putTenant(
                    try document(over: current.map(Line.init)),
                    version: current.map { VersionCondition.oneOf([$0.version]) } ?? .any,
                    dryRun: dryRun,
                    actor: Actor.name
                )
            }
            try ChangeReport(change, dryRun: dryRun).show(json: json)
        }

        /// Read by the rules of files, which say what is wrong with a member.
        private func document(over current: Line?) throws -> TenantDocument {
            var members: [String: Any] = [
                "name": name, "from_domains": fromDomains.isEmpty ? current?.from_domains ?? [] : fromDomains,
                "limits": limits(over: current?.limits),
            ]
            if !sharedDomains.isEmpty { members["shared_domains"] = sharedDomains }
            members["display_name"] = displayName ?? current?.display_name
            members["default_region"] = defaultRegion ?? current?.default_region
            members["unknown_policy"] = unknownPolicy ?? current?.unknown_policy
            members["status"] = current?.status
            members["one_click_unsubscribe"] = oneClickUnsubscribe ?? current?.one_click_unsubscribe
            members["report"] = try report(over: current?.report)
            let routes = regions.map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
            members["regions"] =
                routes.isEmpty
                ? current?.regions ?? [:]
                : Dictionary(routes.map { ($0.first ?? "", $0.count > 1 ? $0[1] : "") }) { $1 }
            do {
                let data = try JSONSerialization.data(withJSONObject: members)
                var document = try JSONDecoder().decode(TenantDocument.self, from: data)
                if let current, sharedDomains.isEmpty {
                    document.sharedDomains = current.shared_domains.filter(document.fromDomains.contains)
                }
                document.senders = current?.senders ?? []
                return document
            } catch let error as DecodingError {
                let fault = DecodingFault(error)
                throw CommandFailure("tenant \(name): \(fault.pointer.dropFirst()) \(fault.detail)")
            }
        }

        private func report(over current: ReportSettings?) throws -> [String: Any]? {
            if reportTo == ["none"] { return nil }
            guard let from = reportFrom ?? current?.from else {
                if reportTo.isEmpty, reportRegion == nil { return nil }
                throw CommandFailure("a report needs --report-from: an address that the tenant may send from")
            }
            var members: [String: Any] = ["from": from, "to": reportTo.isEmpty ? current?.to ?? [] : reportTo]
            members["region"] = reportRegion == "default" ? nil : reportRegion ?? current?.region
            return members
        }

        private func limits(over current: Line.Limits?) -> [String: Int] {
            func limit(_ text: String?, _ old: Int?) -> Int? { text.map { Int($0) } ?? old }
            var limits: [String: Int] = [:]
            limits["api_rate"] = limit(apiRate, current?.api_rate)
            limits["queued"] = limit(queued, current?.queued)
            limits["daily"] = limit(daily, current?.daily)
            return limits
        }
    }
}

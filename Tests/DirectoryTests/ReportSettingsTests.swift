import Coding
import Directory
import Testing
import Yams

@Suite("Who gets reports")
struct ReportSettingsTests {
    private func tenant(_ report: String) throws -> TenantDocument {
        try YAMLDecoder().decode(
            TenantDocument.self,
            from: "{name: apa, from_domains: [apa.example], regions: {AT: main/AT}, report: \(report)}"
        )
    }

    @Test("One address or several, a region where it is not the default, or nobody")
    func accepted() throws {
        #expect(try tenant("null").report == nil)
        #expect(
            try tenant("{to: boss@b.example, from: 'Mail <reports@apa.example>'}").report
                == ReportSettings(to: ["boss@b.example"], from: "Mail <reports@apa.example>")
        )
        let both = try tenant("{to: [a@b.example, c@d.example], from: r@apa.example, region: AT}").report
        #expect(both?.to.count == 2 && both?.region == "AT")
        #expect(both?.json == #"{"from":"r@apa.example","region":"AT","to":["a@b.example","c@d.example"]}"#)
    }

    @Test(
        "What cannot be mailed is refused where it stands",
        arguments: [
            ("{to: [], from: r@apa.example}", "/report/to", "1 to 20"),
            ("{to: [a@b.example, nobody], from: r@apa.example}", "/report/to/1", "nobody"),
            ("{to: a@b.example}", "/report/from", ""),
            ("{to: a@b.example, from: r@other.example}", "/report/from", "from_domains"),
            ("{to: a@b.example, from: r@sub.apa.example}", "/report/from", "from_domains"),
            ("{to: a@b.example, from: r@apa.example, region: UK}", "/report/region", "regions"),
            ("{to: a@b.example, from: r@apa.example, day: Monday}", "/report/day", "unknown member"),
        ]
    )
    func refused(report: String, pointer: String, words: String) throws {
        do {
            _ = try tenant(report)
            Issue.record("\(report) was taken")
        } catch let error as DecodingError {
            let fault = DecodingFault(error)
            #expect(fault.pointer == pointer)
            #expect(fault.detail.contains(words), "\(fault.detail)")
        }
    }
}

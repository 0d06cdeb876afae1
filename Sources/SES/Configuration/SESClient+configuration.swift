import AWS
import FoundationEssentials
import Outbound

extension SESClient {
    private static let setsPath = "/v2/email/configuration-sets"

    /// Where the events of a configuration set go.
    ///
    /// - Throws: a failure with code `NotFoundException` for a set that SES does not have.
    public func eventDestinations(of configurationSet: String) async throws(SendFailure) -> [EventDestination] {
        let path = "\(Self.setsPath)/\(AWSCall.encoded(configurationSet))"
        _ = try await ask(AWSCall(method: .get, path: path))
        let body = try await ask(AWSCall(method: .get, path: "\(path)/event-destinations"))
        guard let list = try? JSONDecoder().decode(EventDestination.List.self, from: Data(body)) else {
            throw SendFailure(.temporary, message: "the answer to GetConfigurationSetEventDestinations is none")
        }
        return list.destinations
    }
}

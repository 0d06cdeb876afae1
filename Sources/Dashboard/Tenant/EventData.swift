import Foundation

/// What events and messages hold as JSON, for people.
enum EventData {
    /// The reason that is given, where there is one.
    static func reason(in json: String) -> String? {
        (object(json)?["reason"] as? String).flatMap { $0.isEmpty ? nil : $0 }
    }

    static func recipient(in json: String) -> String? { object(json)?["recipient"] as? String }
    static func messageID(in json: String) -> String? { object(json)?["message_id"] as? String }

    /// The same, one member a line; as it is where it cannot be read.
    static func pretty(_ json: String) -> String {
        guard let object = object(json),
            let data = try? JSONSerialization.data(
                withJSONObject: object,
                options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            )
        else { return json }
        return String(decoding: data, as: UTF8.self)
    }

    /// Of an object of strings, by name.
    static func members(of json: String?) -> [(String, String)] {
        guard let json, let object = object(json) else { return [] }
        return object.sorted { $0.key < $1.key }.map { ($0.key, $0.value as? String ?? "\($0.value)") }
    }

    private static func object(_ json: String) -> [String: Any]? {
        (try? JSONSerialization.jsonObject(with: Data(json.utf8))) as? [String: Any]
    }
}

import HTTPTypes
import Hummingbird
import NIOCore

/// The pages behind a link to unsubscribe: plain, without scripts, and without a word of the address.
enum UnsubscribePage {
    case question(sender: String)
    case done(sender: String)
    case unknown

    var response: Response {
        let (status, text): (HTTPResponse.Status, String) =
            switch self {
            case .question(let sender): (.ok, Self.question(Self.escaped(sender)))
            case .done(let sender):
                (.ok, "<h1>Done</h1><p>You get no more newsletters and similar mail of \(Self.escaped(sender)).</p>")
            case .unknown:
                (.notFound, "<h1>This link is not valid</h1><p>It may have been cut. Open it from the mail again.</p>")
            }
        return Response(
            status: status,
            headers: Self.headers,
            body: ResponseBody(byteBuffer: ByteBuffer(string: Self.page(text)))
        )
    }

    private static func question(_ sender: String) -> String {
        """
        <h1>Unsubscribe?</h1><p>You will get no more newsletters and similar mail of \(sender). \
        Mail about your orders, accounts and the like still comes.</p>\
        <form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click">\
        <button>Unsubscribe</button></form>
        """
    }

    private static func page(_ body: String) -> String {
        """
        <!doctype html><html lang="en"><head><meta charset="utf-8"><title>Unsubscribe</title>\
        <meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">\
        </head><body>\(body)</body></html>

        """
    }

    /// Nothing is kept, run, framed, or told to others: the link is all it takes to unsubscribe.
    private static var headers: HTTPFields {
        var headers: HTTPFields = [
            .contentType: "text/html; charset=utf-8",
            .cacheControl: "no-store",
            .contentSecurityPolicy: "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
            .xContentTypeOptions: "nosniff",
        ]
        for (name, value) in [("Referrer-Policy", "no-referrer"), ("X-Robots-Tag", "noindex")] {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return headers
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.append(character)
            }
        }
    }
}

import Mail
import SES

/// Texts as a recipient gets them, and what they take in a request of several: measuring them reads them all.
struct FilledContent: Sendable {
    let source: TemplateSource
    let size: BulkCall.Size

    init(_ source: TemplateSource) {
        self.source = source
        size = BulkCall.size(of: source)
    }
}

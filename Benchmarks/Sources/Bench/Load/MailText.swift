import Measure

/// The text of a measured message: 2 KiB of words, which compress as mail does and not as one letter would.
enum MailText {
    static let text: String = {
        let words = """
            the order has left our house and reaches you on friday by the usual carrier please keep this message until then \
            thank you for your trust the number of the parcel stands below and may be followed on our pages with kind regards
            """.split(separator: " ")
        var generator = SplitMix64(seed: 1)
        var text = ""
        while text.utf8.count < 2048 { text += words[Int.random(in: words.indices, using: &generator)] + " " }
        return String(text.prefix(2048))
    }()
}

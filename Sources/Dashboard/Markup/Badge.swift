/// A state in a word, with a colour that only repeats it.
public enum Badge {
    public enum Tone: String, Sendable {
        case plain, good, warn, bad
    }

    public static func html(_ words: String, _ tone: Tone) -> HTML {
        "<span class=\"badge \(tone.rawValue)\">\(words)</span>"
    }
}

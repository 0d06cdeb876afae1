import Feedback
import Testing

@Suite struct FeedbackErrorTests {
    @Test func saysWhatIsWrong() { #expect("\(FeedbackError("no topic"))" == "no topic") }
}

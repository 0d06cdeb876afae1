import Testing
import Webhooks

@Suite struct DeliveryStatusTests {
    @Test func numbersAreStored() {
        #expect(DeliveryStatus.allCases.map(\.rawValue) == [0, 1, 2, 3])
        #expect(DeliveryStatus.allCases.map(\.name) == ["pending", "delivered", "failed", "discarded"])
    }
}

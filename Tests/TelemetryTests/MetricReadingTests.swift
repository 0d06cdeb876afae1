import Synchronization
import Telemetry
import Testing

/// Metrics that are read when somebody asks.
struct MetricReadingTests {
    private final class Box: Sendable {
        let number = Mutex(1)
    }

    @Test func eachExpositionReadsAnew() {
        let metrics = PrometheusMetrics()
        let box = Box()
        metrics.observe(.gauge("waiting", help: "What waits.")) {
            let now = box.number.withLock { $0 }
            return [MetricReading(now, ["b": "2"]), MetricReading(.milliseconds(1500), ["b": "1"])]
        }
        metrics.observe(.counter("waits", help: "Who waited.")) { [] }
        let first = String(decoding: metrics.render(), as: UTF8.self)
        #expect(first.contains("# TYPE waiting gauge\nwaiting{b=\"1\"} 1.5\nwaiting{b=\"2\"} 1\n"))
        #expect(first.contains("# TYPE waits_total counter\n"))
        box.number.withLock { $0 = 7 }
        #expect(String(decoding: metrics.render(), as: UTF8.self).contains("waiting{b=\"2\"} 7\n"))
    }
}

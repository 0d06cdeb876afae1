import CoreMetrics
import Foundation
import Telemetry
import Testing

struct PrometheusMetricsTests {
    /// The exposition without the block on dropped series, which is always there.
    private func text(_ metrics: PrometheusMetrics) -> String {
        String(decoding: metrics.render(), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.contains("metrics_dropped_series_total") }
            .joined(separator: "\n")
    }

    @Test func countersEndInTotalAndAddUp() {
        let metrics = PrometheusMetrics(declarations: [
            .counter("sluice.messages.accepted", help: "Messages accepted.", series: [[:]])
        ])
        #expect(text(metrics).contains("\nsluice_messages_accepted_total 0\n"))
        let counter = Counter(label: "sluice.messages.accepted", factory: metrics)
        counter.increment()
        counter.increment(by: 41)
        FloatingPointCounter(label: "sluice.messages.accepted", factory: metrics).increment(by: 0.5)
        #expect(
            text(metrics) == """
                # HELP sluice_messages_accepted_total Messages accepted.
                # TYPE sluice_messages_accepted_total counter
                sluice_messages_accepted_total 42.5

                """
        )
        counter.reset()
        #expect(text(metrics).hasSuffix("sluice_messages_accepted_total 0\n"))
    }

    @Test func countersNeverFall() {
        let metrics = PrometheusMetrics()
        let whole = Counter(label: "a", factory: metrics)
        whole.increment(by: 3)
        whole.increment(by: -2)
        let floating = FloatingPointCounter(label: "b", factory: metrics)
        floating.increment(by: 1.5)
        floating.increment(by: -1.0)
        floating.increment(by: Double.infinity)
        floating.increment(by: Double.nan)
        #expect(text(metrics).contains("\na_total 3\n"))
        #expect(text(metrics).contains("\nb_total 1.5\n"))
    }

    @Test func gaugesAndMetersShowTheLastValue() {
        let metrics = PrometheusMetrics()
        let gauge = Gauge(label: "queue.depth", dimensions: [("state", "ready")], factory: metrics)
        gauge.record(7)
        gauge.record(5)
        let meter = Meter(label: "open", factory: metrics)
        meter.set(3)
        meter.increment(by: 2.0)
        meter.decrement()
        let special = Gauge(label: "special", factory: metrics)
        #expect(text(metrics).contains("\nqueue_depth{state=\"ready\"} 5\n"))
        #expect(text(metrics).contains("\nopen 4\n"))
        special.record(-Double.infinity)
        #expect(text(metrics).contains("\nspecial -Inf\n"))
        special.record(Double.nan)
        #expect(text(metrics).contains("\nspecial NaN\n"))
    }

    @Test func timersAreHistogramsInSeconds() {
        let metrics = PrometheusMetrics()
        let timer = Timer(label: "http.server.request.duration", dimensions: [("le", "x")], factory: metrics)
        timer.recordMilliseconds(5)
        timer.recordMilliseconds(6)
        timer.recordSeconds(11)
        timer.recordNanoseconds(-4)
        let text = text(metrics)
        let name = "http_server_request_duration_seconds"
        #expect(text.contains("# TYPE \(name) histogram\n"))
        // 5 ms is in the bucket whose bound it is; the negative time counts as none.
        #expect(text.contains("\n\(name)_bucket{le_=\"x\",le=\"0.005\"} 2\n"))
        #expect(text.contains("\n\(name)_bucket{le_=\"x\",le=\"0.01\"} 3\n"))
        #expect(text.contains("\n\(name)_bucket{le_=\"x\",le=\"1\"} 3\n"))
        #expect(text.contains("\n\(name)_bucket{le_=\"x\",le=\"10\"} 3\n"))
        #expect(text.contains("\n\(name)_bucket{le_=\"x\",le=\"+Inf\"} 4\n"))
        #expect(text.contains("\n\(name)_count{le_=\"x\"} 4\n"))
        #expect(text.contains("\n\(name)_sum{le_=\"x\"} 11.011\n"))
        #expect(text.split(separator: "\n").filter { $0.contains("_bucket") }.count == 15)
    }

    @Test func aggregatingRecordersAreHistogramsWithDeclaredBuckets() {
        let metrics = PrometheusMetrics(declarations: [
            .histogram("batch.size", help: "Rows \\ a\nbatch.", buckets: [100, 1, 10, .infinity])
        ])
        let recorder = Recorder(label: "batch.size", factory: metrics)
        recorder.record(1)
        recorder.record(50)
        recorder.record(Double.nan)
        #expect(
            text(metrics) == """
                # HELP batch_size Rows \\\\ a\\nbatch.
                # TYPE batch_size histogram
                batch_size_bucket{le="1"} 1
                batch_size_bucket{le="10"} 1
                batch_size_bucket{le="100"} 2
                batch_size_bucket{le="+Inf"} 2
                batch_size_sum 51
                batch_size_count 2

                """
        )
    }

    @Test func namesAndLabelsAreMadeValid() {
        let metrics = PrometheusMetrics()
        Counter(
            label: "9 lives-ä",
            dimensions: [("a-b", "1"), ("9", "2"), ("__x", "3"), ("ok:", "4")],
            factory: metrics
        )
        .increment()
        #expect(text(metrics).contains("\n_9_lives____total{_9=\"2\",_x=\"3\",a_b=\"1\",ok_=\"4\"} 1\n"))
        Gauge(label: "g", dimensions: [("path", "C:\\x \"y\"\nz ä")], factory: metrics).record(1)
        #expect(text(metrics).contains(#"g{path="C:\\x \"y\"\nz ä"} 1"#))
    }

    @Test func equalLabelsAreOneSeriesInAnyOrder() {
        let metrics = PrometheusMetrics()
        Counter(label: "c", dimensions: [("a", "1"), ("b", "2")], factory: metrics).increment()
        Counter(label: "c", dimensions: [("b", "2"), ("a", "1")], factory: metrics).increment()
        #expect(text(metrics).contains("\nc_total{a=\"1\",b=\"2\"} 2\n"))
    }

    @Test func theOrderIsTheSameEveryTime() {
        func rendered(_ order: [Int]) -> String {
            let metrics = PrometheusMetrics()
            for index in order {
                Counter(label: "m\(index % 3)", dimensions: [("i", "\(index)")], factory: metrics).increment()
            }
            return text(metrics)
        }
        let expected = rendered(Array(0..<30))
        for _ in 0..<5 { #expect(rendered(Array(0..<30).shuffled()) == expected) }
        #expect(expected.hasPrefix("# HELP m0_total m0\n"))
    }

    @Test func seriesAreBoundedAndTheRestIsCounted() {
        let metrics = PrometheusMetrics(seriesLimit: 3)
        for index in 0..<10 {
            Counter(label: "c", dimensions: [("id", "\(index)")], factory: metrics).increment()
        }
        #expect(text(metrics).split(separator: "\n").filter { $0.hasPrefix("c_total{") }.count == 3)
        let all = String(decoding: metrics.render(), as: UTF8.self)
        #expect(all.contains("metrics_dropped_series_total{metric=\"c_total\",reason=\"too_many_series\"} 7\n"))
        // Series that are there go on counting.
        Counter(label: "c", dimensions: [("id", "0")], factory: metrics).increment()
        #expect(text(metrics).contains("c_total{id=\"0\"} 2\n"))
    }

    @Test func aNameTakenByAnotherKindIsNotShownTwice() {
        let metrics = PrometheusMetrics(includesProcess: true)
        Timer(label: "x", factory: metrics).recordSeconds(1)
        Gauge(label: "x_seconds", factory: metrics).record(1)
        Gauge(label: "x_seconds_count", factory: metrics).record(1)
        Gauge(label: "process_open_fds", factory: metrics).record(1)
        let all = String(decoding: metrics.render(), as: UTF8.self)
        for name in ["x_seconds", "x_seconds_count", "process_open_fds"] {
            let line = "metrics_dropped_series_total{metric=\"\(name)\",reason=\"name_taken\"} 1\n"
            #expect(all.contains(line))
        }
        let types = all.split(separator: "\n").filter { $0.hasPrefix("# TYPE") }
        #expect(Set(types).count == types.count)
        #expect(types.filter { $0.contains("x_seconds") }.count == 1)
    }

    @Test func destroyingTakesTheSeriesAway() {
        let metrics = PrometheusMetrics(seriesLimit: 1)
        let first = Gauge(label: "g", dimensions: [("id", "1")], factory: metrics)
        let second = Gauge(label: "g", dimensions: [("id", "2")], factory: metrics)
        second.record(2)
        // The second was never shown: destroying it leaves the first alone, and frees no place.
        second.destroy()
        #expect(text(metrics).contains("g{id=\"1\"} 0\n"))
        first.destroy()
        #expect(!text(metrics).contains("g{"))
        Gauge(label: "g", dimensions: [("id", "3")], factory: metrics).record(3)
        #expect(text(metrics).contains("g{id=\"3\"} 3\n"))

        let others = PrometheusMetrics()
        let counter = Counter(label: "a", factory: others)
        let floating = FloatingPointCounter(label: "b", factory: others)
        let timer = Timer(label: "c", factory: others)
        let meter = Meter(label: "d", factory: others)
        counter.destroy()
        floating.destroy()
        timer.destroy()
        meter.destroy()
        #expect(!text(others).split(separator: "\n").contains { !$0.hasPrefix("#") })
    }

    @Test func nothingIsLostBetweenThreads() async {
        let metrics = PrometheusMetrics()
        await withTaskGroup { group in
            for worker in 0..<8 {
                group.addTask {
                    for _ in 0..<5000 {
                        Counter(label: "whole", factory: metrics).increment()
                        FloatingPointCounter(label: "half", factory: metrics).increment(by: 0.5)
                        Timer(label: "time", factory: metrics).recordSeconds(worker)
                    }
                }
            }
        }
        let text = text(metrics)
        #expect(text.contains("\nwhole_total 40000\n"))
        #expect(text.contains("\nhalf_total 20000\n"))
        #expect(text.contains("\ntime_seconds_bucket{le=\"+Inf\"} 40000\n"))
        #expect(text.contains("\ntime_seconds_count 40000\n"))
        #expect(text.contains("\ntime_seconds_sum 140000\n"))
    }

    @Test func theProcessShowsItself() throws {
        let text = String(decoding: PrometheusMetrics(includesProcess: true).render(), as: UTF8.self)
        func value(_ name: String) throws -> Double {
            let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("\(name) ") })
            return try #require(Double(line.split(separator: " ")[1]))
        }
        #expect(try value("process_resident_memory_bytes") > 1_000_000)
        #expect(try value("process_virtual_memory_bytes") >= value("process_resident_memory_bytes"))
        #expect(try value("process_open_fds") >= 3)
        #expect(try value("process_max_fds") >= value("process_open_fds"))
        #expect(try value("process_cpu_seconds_total") >= 0)
        let start = try value("process_start_time_seconds")
        #expect(abs(Date().timeIntervalSince1970 - start) < 86_400)
    }
}

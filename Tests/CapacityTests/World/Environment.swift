import Foundation

/// A variable of the environment: which seed to replay, whether to measure.
func environment(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }

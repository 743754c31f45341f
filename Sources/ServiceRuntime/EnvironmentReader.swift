internal import Basics
internal import FoundationEssentials
package import Redis

/// Takes a service's settings out of its environment, strictly: a bad value is an error that names its key, and so is a
/// key with the prefix of ours that nobody asked for, since it is a setting that somebody believes to be in force.
package struct EnvironmentReader {
  /// What every key of the services begins with.
  package static let prefix = "QUANTUM_"

  private let values: [String: String]
  /// The keys with the prefix that were asked for: those that there are.
  package private(set) var known: [String] = []

  package init(_ values: [String: String]) {
    self.values = values
  }

  /// The environment of this process.
  package static func process() -> EnvironmentReader {
    EnvironmentReader(ProcessInfo.processInfo.environment)
  }

  /// To be called when every setting was taken.
  package func refuseUnknown() throws(EnvironmentError) {
    let unknown = values.keys.filter { $0.hasPrefix(Self.prefix) && !known.contains($0) }
    guard let key = unknown.min() else { return }
    throw EnvironmentError(key, "is not a setting of this service; there are \(known.sorted().joined(separator: ", "))")
  }

  /// A value of any key, ours or not; an empty one counts as none.
  package mutating func optional(_ key: String) -> String? {
    if key.hasPrefix(Self.prefix) { known.append(key) }
    guard let value = values[key], !value.isEmpty else { return nil }
    return value
  }

  /// A value that `read` makes something of.
  ///
  /// - Parameter should: What it should be, in words.
  package mutating func value<Value>(
    _ key: String, default standard: Value, should: String, isSecret: Bool = false, read: (String) -> Value?
  ) throws(EnvironmentError) -> Value {
    guard let text = optional(key) else { return standard }
    guard let value = read(text) else {
      throw EnvironmentError(key, "is \(isSecret ? "wrong" : "'\(text)'"), should be \(should)")
    }
    return value
  }

  package mutating func integer(
    _ key: String, default standard: Int, in range: ClosedRange<Int>
  ) throws(EnvironmentError) -> Int {
    try value(key, default: standard, should: "a whole number from \(range.lowerBound) to \(range.upperBound)") {
      Int($0).flatMap { range.contains($0) ? $0 : nil }
    }
  }

  package mutating func number(
    _ key: String, default standard: Double, in range: ClosedRange<Double>
  ) throws(EnvironmentError) -> Double {
    try value(key, default: standard, should: "a number from \(range.lowerBound) to \(range.upperBound)") {
      Double($0).flatMap { range.contains($0) ? $0 : nil }
    }
  }

  package mutating func duration(
    _ key: String, default standard: Duration, in range: ClosedRange<Duration>
  ) throws(EnvironmentError) -> Duration {
    let should = "a duration such as 500ms, 30s, 5m, 24h or 7d, from \(range.lowerBound) to \(range.upperBound)"
    return try value(key, default: standard, should: should) {
      (try? Duration(text: $0)).flatMap { range.contains($0) ? $0 : nil }
    }
  }

  /// The URL of a Redis. It may hold a password and is never shown.
  package mutating func endpoint(_ key: String, default standard: String) throws(EnvironmentError) -> Endpoint {
    let text = optional(key) ?? standard
    do {
      return try Endpoint(text)
    } catch {
      throw EnvironmentError(key, "is \(error)")
    }
  }
}

/// A variable of the environment that cannot be used.
package struct EnvironmentError: Error, Sendable, Hashable, CustomStringConvertible {
  package let key: String
  /// What is wrong with it and what it should be.
  package let reason: String

  package init(_ key: String, _ reason: String) {
    self.key = key
    self.reason = reason
  }

  package var description: String { "\(key) \(reason)" }
}

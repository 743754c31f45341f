internal import Glibc

/// A marked decision: quantity 0 and a symbol that is not tradable, which only an entry with the marker may have, so
/// that several independent locks keep it from ever becoming an order.
struct ProbeEntry: Sendable, Equatable {
  /// Its own in every run.
  var trace: String
  /// The entry as it is written, in order.
  var fields: [(String, String)]

  static func == (left: ProbeEntry, right: ProbeEntry) -> Bool { left.trace == right.trace }

  /// Probes that nobody wrote before, each with a timestamp of its own: the second layer of duplicate suppression goes
  /// by symbol and timestamp.
  static func fresh(_ count: Int) -> [ProbeEntry] {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return (0..<count).map { index in
      let high = UInt64.random(in: .min ... .max)
      let low = UInt64.random(in: .min ... .max)
      return ProbeEntry(trace: "probe-" + hex(high) + hex(low), seconds: now.tv_sec, nanoseconds: now.tv_nsec + index)
    }
  }

  private static func hex(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  init(trace: String, seconds: Int, nanoseconds: Int) {
    self.trace = trace
    fields = [("trace_id", trace)]
  }
}

package import Deployment

/// What one look has seen: what the checks found, and what is compared with earlier looks.
package struct Look: Sendable, Hashable {
  /// In seconds since the boot.
  package var at: Int
  /// The boot's own name; times of different boots are not compared.
  package var boot: String
  package var checks: [CheckResult]
  package var units: [String: UnitSample] = [:]

  package init(at: Int, boot: String, checks: [CheckResult]) {
    self.at = at
    self.boot = boot
    self.checks = checks
  }
}

/// What is measured of a unit beyond its checks. What is not known is `nil`.
package struct UnitSample: Sendable, Hashable {
  /// New with every start.
  package var run: String?
  /// By systemd's count.
  package var restarts: Int?
  /// What its processes hold that cannot be written elsewhere, in bytes.
  package var memory: Int?
  /// How much of that there is for it at all.
  package var ceiling: Int?

  package init(run: String? = nil, restarts: Int? = nil, memory: Int? = nil, ceiling: Int? = nil) {
    self.run = run
    self.restarts = restarts
    self.memory = memory
    self.ceiling = ceiling
  }
}

/// What the comparison of looks is done by.
package struct LookRules: Sendable, Hashable {
  /// From look to look, in seconds.
  package var every: Double
  /// So many in a row are a lasting failure.
  package var failures: Int
  /// Units, groups, streams and checks whose failures only warn.
  package var lenient: Set<String>
  /// By unit, the memory that it held before the release, after a long time.
  package var usualMemory: [String: Int]

  /// What takes longer is slow, in seconds; `nil`: no such limit.
  package var slow: Double?

  package init(every: Double, failures: Int, lenient: Set<String> = [], usualMemory: [String: Int] = [:]) {
    self.every = every
    self.failures = failures
    self.lenient = lenient
    self.usualMemory = usualMemory
  }
}

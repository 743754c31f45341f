internal import Deployment

/// What the service manager and the journal say of units, for a person who wants to know why a release failed.
package struct UnitDiagnostics: Sendable {
  /// A unit at one moment. What is not known is absent.
  package struct Unit: Sendable, Hashable, Codable {
    package var unit: String
    package var active: String
    package var sub: String
    /// How it last ended, in systemd's word: `success`, `exit-code`, `signal`, `timeout`, `start-limit-hit` …
    package var result: String?
    /// Automatic restarts since the last manual start.
    package var restarts: Int?
    package var pid: Int?
    /// How its main process ended, as systemd counts: 1 exited, 2 killed, 3 dumped core.
    package var mainCode: Int?
    /// Its exit status or its signal.
    package var mainStatus: Int?
    package var invocation: String?
  }

  /// A line of the journal.
  package struct Line: Sendable, Hashable {
    /// Microseconds since 1970.
    package var at: Int64
    /// The unit that said it; `systemd` where the manager did.
    package var source: String
    package var pid: Int?
    package var message: String

    package init(at: Int64, source: String, pid: Int?, message: String) {
      self.at = at
      self.source = source
      self.pid = pid
      self.message = message
    }

    /// As a person reads it.
    package var text: String {
      let fraction = String(at % 1_000_000)
      let micros = String(repeating: "0", count: max(0, 6 - fraction.count)) + fraction
      let time = UTC.text(Int(at / 1_000_000)).replacing("Z", with: ".\(micros)Z")
      return "\(time) \(source)\(pid.map { "[\($0)]" } ?? ""): \(message)\n"
    }
  }

  package var units: [Unit] = []
  /// In the order of time.
  package var journal: [Line] = []
  /// What could not be read or was left out, in sentences.
  package var gaps: [String] = []

  package init() {}
}

extension UnitDiagnostics {
  /// The newest lines of some units, as a failure shows them; empty where there are none.
  package func lastLines(of units: [String], count: Int = 5) -> String {
    units.map { unit in
      let lines = journal.filter { $0.source == unit }.suffix(count)
      guard !lines.isEmpty else { return "" }
      return "Last lines of \(unit):\n" + lines.map { "  \($0.message)\n" }.joined()
    }.joined()
  }
}

/// What says how units are and what was said by and about them. The real one is `SystemdDiagnostics`.
package protocol UnitDiagnosis {
  /// The units now, and the newest of what was said by and about them. What cannot be read is a gap in the result.
  ///
  /// - Parameters:
  ///   - past: how far back the journal is read.
  ///   - limit: how long it may take.
  func diagnose(_ units: [String], past: Duration, within limit: Duration) async -> UnitDiagnostics
}

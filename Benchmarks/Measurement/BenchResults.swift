/// All that one run has measured: the content of `Benchmarks/results.json`.
package struct BenchResults: Codable, Sendable, Hashable {
  /// Where it was made.
  package struct Host: Codable, Sendable, Hashable {
    package var processor: String
    package var cores: Int
    package var kernel: String
    package var system: String
    package var memoryMiB: Int
    /// Of the last minute, as `/proc/loadavg` says, before and after.
    package var loadBefore: Double
    package var loadAfter: Double

    package init(
      processor: String, cores: Int, kernel: String, system: String, memoryMiB: Int, loadBefore: Double,
      loadAfter: Double
    ) {
      (self.processor, self.cores, self.kernel, self.system) = (processor, cores, kernel, system)
      (self.memoryMiB, self.loadBefore, self.loadAfter) = (memoryMiB, loadBefore, loadAfter)
    }
  }

  /// A row of the table.
  package struct Row: Codable, Sendable, Hashable {
    /// A contender that was left out.
    package struct Absence: Codable, Sendable, Hashable {
      package var name: String
      package var reason: String

      package init(name: String, reason: String) { (self.name, self.reason) = (name, reason) }
    }

    package var id: String
    package var title: String
    package var how: String
    package var limits: String
    package var figures: [Figure]
    package var absent: [Absence]
    /// Why it was not measured to its end.
    package var failure: String?

    package init(
      id: String, title: String, how: String, limits: String, figures: [Figure] = [], absent: [Absence] = [],
      failure: String? = nil
    ) {
      (self.id, self.title, self.how, self.limits) = (id, title, how, limits)
      (self.figures, self.absent, self.failure) = (figures, absent, failure)
    }
  }

  package static let currentSchema = "qtctl-bench/1"

  package var schema = currentSchema
  /// UTC.
  package var date: String
  /// What was called, as it can be typed.
  package var command: String
  package var host: Host
  /// The versions of the programs, by name.
  package var versions: [String: String]
  package var rows: [Row]

  package init(date: String, command: String, host: Host, versions: [String: String], rows: [Row]) {
    (self.date, self.command, self.host) = (date, command, host)
    (self.versions, self.rows) = (versions, rows)
  }
}

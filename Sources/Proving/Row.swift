internal import Deployment

/// One thing that is proved. A row is a type in the folder `Rows` and a line in ``RowRegistry``.
protocol Row: Sendable {
  /// Part of the contract, such as `duplicate.concurrent`.
  static var id: String { get }
  /// What is proved, as the end of "It is proved that …".
  static var claim: String { get }
  /// Whether it may run beside services that are in use: it writes nothing but probes.
  static var isHarmless: Bool { get }
  /// How long it may take, beside what it waits for a takeover. Then it is ended, and has failed.
  static var limit: Duration { get }
  /// Whether it waits until a service takes over what another consumer held.
  static var awaitsTakeover: Bool { get }

  /// What it is proved of, in the order of the manifest; where a row does not say, the unit that skips duplicates.
  static func subjects(of manifest: Manifest) -> Subjects

  /// Injects the fault and looks. What it throws is a failure of the row.
  static func prove(_ subject: String, on bench: Bench) async throws -> Verdict
}

/// What a row is about in one manifest.
enum Subjects: Sendable {
  case each([String])
  case none(because: String)
}

extension Row {
  static var isHarmless: Bool { false }
  static var limit: Duration { .seconds(90) }
  static var awaitsTakeover: Bool { false }
  static func subjects(of manifest: Manifest) -> Subjects { .first(of: manifest) }

  /// How long it may take in all.
  static func limit(_ options: ProofOptions) -> Duration { awaitsTakeover ? limit + options.takeover : limit }
}

/// Every row, in the order in which they run: the harmless ones first.
package enum RowRegistry {
  static let rows: [any Row.Type] = [
    FlowOnce.self,
    DuplicateSequential.self,
    DuplicateConcurrent.self,
    DuplicateDownstream.self,
    DuplicateRestart.self,
    IntentStale.self,
    InputBroken.self,
    ConsumerSilent.self,
    ServiceKilled.self,
    RedisRestarted.self,
  ]

  /// The names of all rows.
  package static var ids: [String] { rows.map { $0.id } }

  /// Each row with what it proves, a line each, for a help text.
  package static var list: String {
    let width = ids.map(\.count).max() ?? 0
    return rows.map { "  " + $0.id + String(repeating: " ", count: width - $0.id.count + 2) + $0.claim }
      .joined(separator: "\n")
  }

  /// The rows of these names; all where none is named.
  static func selected(_ names: [String]) -> [any Row.Type] {
    names.isEmpty ? rows : rows.filter { names.contains($0.id) }
  }
}

internal import Deployment

/// One thing that is verified, for each item of the subject that it concerns.
///
/// A new check is one file with a conforming type, and one line in ``CheckRegistry``.
protocol Check: SendableMetatype {
  /// What the manifest names: a unit, a file, a consumer group.
  associatedtype Item: Sendable
  /// What was seen of one item, all that the judgement needs.
  associatedtype Seen: Sendable

  /// The identifier that users and other programs know, such as `unit.active`.
  static var id: String { get }

  /// Whether the check looks a second time at the end of the window: what passed at its start must still pass.
  static var looksAgain: Bool { get }

  /// What it means when the check of an item fails.
  static func severity(of item: Item, _ subject: VerificationSubject) -> Manifest.Severity

  /// The items that the check concerns, in the order of the manifest.
  static func items(of subject: VerificationSubject) -> [Item]

  /// The name of an item in a report.
  static func name(of item: Item) -> String

  /// Looks at one item. What several checks need is looked at once, by `run`.
  static func look(at item: Item, _ moment: Moment, _ run: VerificationRun) async -> Observation<Seen>

  /// The verdict on what was seen. Pure, so that every verdict can be tested by a table.
  static func judge(_ item: Item, _ seen: Seen) -> CheckResult
}

/// When a check looks.
enum Moment: Sendable {
  /// There is only this look: no window was asked for, or the check does not look again.
  case only
  /// The window begins. What piled up while services were down has until its end to be worked off.
  case start
  /// The window is over, or was ended early by a failure.
  case end
}

/// What a look at an item came to.
enum Observation<Seen: Sendable>: Sendable {
  case seen(Seen)
  /// Not looked at, because of something that another check reports or that was asked for.
  case skipped(because: String)
  /// Nothing can be said before the end of the window.
  case later

  func map<Other: Sendable>(_ transform: (Seen) -> Other) -> Observation<Other> {
    flatMap { .seen(transform($0)) }
  }

  func flatMap<Other: Sendable>(_ transform: (Seen) -> Observation<Other>) -> Observation<Other> {
    switch self {
    case .seen(let seen): transform(seen)
    case .skipped(let reason): .skipped(because: reason)
    case .later: .later
    }
  }
}

/// Why something could not be looked at. What cannot be looked at never counts as healthy.
package struct ProbeError: Error, Equatable, CustomStringConvertible {
  package let description: String

  init(_ description: String) { self.description = description }
}

typealias Evidence = [String: JSONValue]

extension Check {
  static var looksAgain: Bool { false }

  static func severity(of item: Item, _ subject: VerificationSubject) -> Manifest.Severity { .fail }

  static func pass(_ subject: String, _ detail: String, _ evidence: Evidence = [:]) -> CheckResult {
    CheckResult(id: id, subject: subject, status: .pass, detail: detail, evidence: evidence)
  }

  static func fail(_ subject: String, _ detail: String, _ evidence: Evidence = [:]) -> CheckResult {
    CheckResult(id: id, subject: subject, status: .fail, detail: detail, evidence: evidence)
  }

  static func warn(_ subject: String, _ detail: String, _ evidence: Evidence = [:]) -> CheckResult {
    CheckResult(id: id, subject: subject, status: .warn, detail: detail, evidence: evidence)
  }

  static func skip(_ subject: String, because reason: String) -> CheckResult {
    CheckResult(id: id, subject: subject, status: .skip, detail: "not checked, because \(reason)")
  }
}

extension Check where Item == String {
  static func name(of item: String) -> String { item }
}

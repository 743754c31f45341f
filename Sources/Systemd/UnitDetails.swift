/// What systemd knows of a unit beyond its state: what hangs together with it, how it may be stopped, and which paths its
/// definition names.
package struct UnitDetails: Sendable, Hashable {
  /// How another unit is bound to this one, named as the property of this one is.
  package enum Relation: String, Sendable, Hashable, CaseIterable {
    case requiredBy = "RequiredBy"
    case requisiteOf = "RequisiteOf"
    case boundBy = "BoundBy"
    case consistsOf = "ConsistsOf"
    case upheldBy = "UpheldBy"
    case propagatesStopTo = "PropagatesStopTo"
    case conflicts = "Conflicts"
    case conflictedBy = "ConflictedBy"
    case triggers = "Triggers"
    case triggeredBy = "TriggeredBy"
    case after = "After"
    case before = "Before"
  }

  /// A `Condition…=` or `Assert…=` line.
  package struct Condition: Sendable, Hashable {
    /// Such as `ConditionPathExists`.
    package var directive: String
    package var parameter: String
    package var isNegated: Bool
    /// Whether it held when it was last checked; `nil`: never checked.
    package var held: Bool?

    /// As a unit file has it.
    package var text: String { "\(directive)=\(isNegated ? "!" : "")\(parameter)" }
  }

  package var status: UnitStatus
  package var relations: [Relation: [String]] = [:]
  package var refusesManualStart = false
  package var refusesManualStop = false
  package var conditions: [Condition] = []
  /// What a generator made the unit from.
  package var sourcePath: String?

  // Of what runs processes.
  /// `KillMode=`; empty for what runs no process.
  package var killMode = ""
  package var remainsAfterExit = false
  /// The paths of `LoadCredential=` and `LoadCredentialEncrypted=`.
  package var credentials: [String] = []
  /// The sources of `BindPaths=` and `BindReadOnlyPaths=`.
  package var bindPaths: [String] = []
  package var rootImage: String?
  /// `LogNamespace=`.
  package var logNamespace: String?
  /// `TimeoutSec=` of a socket or a mount; `nil`: none.
  package var timeout: Duration?

  // Of a timer.
  /// The next run by the calendar, in microseconds since 1970.
  package var nextRealtime: Int64?
  /// The next run by the monotonic clock, in microseconds.
  package var nextMonotonic: Int64?
  /// Whether a run that was missed is made up by systemd.
  package var isPersistent = false

  package init(status: UnitStatus) { self.status = status }

  package func related(_ relation: Relation) -> [String] { relations[relation] ?? [] }
  /// The conditions that did not hold.
  package var unmet: [Condition] { conditions.filter { $0.held == false } }
}

extension UnitProperties {
  /// What is read beyond `unitNames`.
  static let detailNames: Set<String> = Set(UnitDetails.Relation.allCases.map(\.rawValue)).union([
    "RefuseManualStart", "RefuseManualStop", "Conditions", "Asserts", "SourcePath",
  ])

  /// What is read of the interface of the unit's type, beyond `serviceNames`.
  static let typeNames: Set = [
    "KillMode", "RemainAfterExit", "LoadCredential", "LoadCredentialEncrypted", "BindPaths", "BindReadOnlyPaths",
    "RootImage", "LogNamespace", "TimeoutUSec", "NextElapseUSecRealtime", "NextElapseUSecMonotonic", "Persistent",
  ]

  func details(of unit: String) -> UnitDetails {
    var details = UnitDetails(status: status(of: unit))
    for relation in UnitDetails.Relation.allCases {
      guard let units = values[relation.rawValue]?.strings, !units.isEmpty else { continue }
      details.relations[relation] = units
    }
    details.refusesManualStart = values["RefuseManualStart"]?.bool ?? false
    details.refusesManualStop = values["RefuseManualStop"]?.bool ?? false
    details.conditions = ["Conditions", "Asserts"].flatMap { conditions($0) }
    details.sourcePath = nonEmpty("SourcePath")
    details.killMode = nonEmpty("KillMode") ?? ""
    details.remainsAfterExit = values["RemainAfterExit"]?.bool ?? false
    details.credentials = paths("LoadCredential", at: 1) + paths("LoadCredentialEncrypted", at: 1)
    details.bindPaths = paths("BindPaths", at: 0) + paths("BindReadOnlyPaths", at: 0)
    details.rootImage = nonEmpty("RootImage")
    details.logNamespace = nonEmpty("LogNamespace")
    details.timeout = time("TimeoutUSec").map { .microseconds($0) }
    details.nextRealtime = time("NextElapseUSecRealtime")
    details.nextMonotonic = time("NextElapseUSecMonotonic")
    details.isPersistent = values["Persistent"]?.bool ?? false
    return details
  }

  private func nonEmpty(_ name: String) -> String? { values[name]?.string.flatMap { $0.isEmpty ? nil : $0 } }

  /// systemd gives 0 for none, and the greatest number for no limit.
  private func time(_ name: String) -> Int64? {
    values[name]?.integer(UInt64.self).flatMap { $0 == 0 || $0 == .max ? nil : Int64(clamping: $0) }
  }

  private func paths(_ name: String, at place: Int) -> [String] {
    (values[name]?.elements ?? []).compactMap { element in
      guard let parts = element.elements, parts.indices.contains(place) else { return nil }
      return parts[place].string
    }
  }

  /// Each is type, whether one of several suffices, whether it is negated, parameter, and result: above 0 it held.
  private func conditions(_ name: String) -> [UnitDetails.Condition] {
    (values[name]?.elements ?? []).compactMap { condition in
      // trap: counted
      guard let parts = condition.elements, parts.count == 5, let directive = parts[0].string,
        let negated = parts[2].bool, let parameter = parts[3].string, let result = parts[4].integer(Int64.self)
      else { return nil }
      return UnitDetails.Condition(
        directive: directive, parameter: parameter, isNegated: negated, held: result == 0 ? nil : result > 0)
    }
  }
}

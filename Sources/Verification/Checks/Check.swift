internal import Deployment

/// One thing that is proved. A conforming type holds the identifier and the judgement: a pure function from what was
/// seen to a ``CheckResult``, so that every verdict can be tested by a table.
protocol Check: SendableMetatype {
  /// The identifier of the contract, such as `unit.active`.
  static var id: String { get }
}

typealias Evidence = [String: JSONValue]

extension Check {
  static func pass(_ subject: String, _ detail: String, _ evidence: Evidence = [:]) -> CheckResult {
    CheckResult(id: id, subject: subject, status: .pass, detail: detail, evidence: evidence)
  }

  static func fail(_ subject: String, _ detail: String, _ evidence: Evidence = [:]) -> CheckResult {
    CheckResult(id: id, subject: subject, status: .fail, detail: detail, evidence: evidence)
  }

  static func warn(_ subject: String, _ detail: String, _ evidence: Evidence = [:]) -> CheckResult {
    CheckResult(id: id, subject: subject, status: .warn, detail: detail, evidence: evidence)
  }

  /// Not looked at, because of something that is reported elsewhere or was asked for.
  static func skip(_ subject: String, because reason: String) -> CheckResult {
    CheckResult(id: id, subject: subject, status: .skip, detail: "not looked at, because \(reason)")
  }
}

internal import Deployment

/// What became of one row, with what shows it.
enum Verdict: Sendable {
  /// Seen to hold.
  case proved(String, Evidence)
  /// Seen not to hold, or not seen when it had to be.
  case failed(String, Evidence)
  /// Not tried, and why.
  case skipped(because: String)

  typealias Evidence = [String: JSONValue]

  /// The same with more evidence; what is there already stays.
  func adding(_ more: Evidence) -> Verdict {
    func all(_ evidence: Evidence) -> Evidence {
      var evidence = evidence
      for (key, value) in more where evidence[key] == nil { evidence[key] = value }
      return evidence
    }
    switch self {
    case .proved(let text, let evidence): return .proved(text, all(evidence))
    case .failed(let text, let evidence): return .failed(text, all(evidence))
    case .skipped: return self
    }
  }

  func result(_ row: any Row.Type, _ subject: String, seconds: Double) -> CheckResult {
    let (status, detail, evidence): (CheckResult.Status, String, Evidence) =
      switch self {
      case .proved(let text, let evidence): (.pass, text, evidence)
      case .failed(let text, let evidence): (.fail, text, evidence)
      case .skipped(let reason): (.skip, reason, [:])
      }
    return CheckResult(
      id: row.id, subject: subject, status: status, detail: detail, evidence: evidence, seconds: seconds)
  }
}

/// Ends a row before its own judgement, with a verdict.
struct Ending: Error {
  var verdict: Verdict

  static func failed(_ text: String, _ evidence: Verdict.Evidence = [:]) -> Ending {
    Ending(verdict: .failed(text, evidence))
  }

  /// What it says.
  var text: String {
    switch verdict {
    case .proved(let text, _), .failed(let text, _), .skipped(let text): text
    }
  }

  static func skipped(_ reason: String) -> Ending { Ending(verdict: .skipped(because: reason)) }
}

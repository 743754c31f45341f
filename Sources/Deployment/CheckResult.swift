/// What one check of `verify` looked at and saw.
public struct CheckResult: Sendable, Hashable, Codable {
  public enum Status: String, Sendable, Hashable, Codable {
    case pass, fail, warn, skip
  }

  /// The check's identifier, such as `unit.active`; part of the contract.
  public var id: String
  /// What was looked at: a unit, a stream, a group, a file.
  public var subject: String
  public var status: Status
  /// A sentence for an operator: what was expected and what was seen.
  public var detail: String
  /// What was seen, for programs. A value that is not known is `null`, never 0.
  public var evidence: [String: JSONValue]
  /// How long the check took.
  public var seconds: Double

  public init(
    id: String, subject: String, status: Status, detail: String, evidence: [String: JSONValue] = [:],
    seconds: Double = 0
  ) {
    self.id = id
    self.subject = subject
    self.status = status
    self.detail = detail
    self.evidence = evidence
    self.seconds = seconds
  }
}

extension [CheckResult] {
  /// Whether nothing failed. An empty list proves nothing and is not healthy.
  public var healthy: Bool { !isEmpty && allSatisfy { $0.status != .fail } }
  public var failures: [CheckResult] { filter { $0.status == .fail } }
}

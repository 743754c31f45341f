/// One step of a transaction, as it is reported.
public struct StepResult: Sendable, Hashable, Codable {
  public enum Status: String, Sendable, Hashable, Codable {
    case planned, done, failed, skipped
  }

  public var name: String
  public var status: Status
  public var seconds: Double
  /// Why it was done, or what went wrong.
  public var detail: String

  public init(name: String, status: Status, seconds: Double = 0, detail: String = "") {
    self.name = name
    self.status = status
    self.seconds = seconds
    self.detail = detail
  }
}

/// How a command ended; its raw value is the word in JSON and in the history.
public enum Outcome: String, Sendable, Hashable, Codable {
  case deployed, unchanged, planned, verified, unverified
  case rolledBack = "rolled-back"
  case backedUp = "backed-up"
  case recovered
  case differs
  case done
  case failed
  case refused
}

internal import Deployment

/// `evidence.json`: which release failed, how, and in what state it left the units.
struct EvidenceRecord: Codable {
  static let currentSchema = "qtctl-evidence/1"

  var schema = EvidenceRecord.currentSchema
  /// The manifest's name.
  var name: String
  /// The release that failed, or that was rolled back.
  var release: ReleaseIdentity?
  /// The backup that the transaction took.
  var stamp: Stamp
  var command: String
  var user: String
  var host: String
  /// Why it failed, or why it was rolled back.
  var reason: String
  var fault: HistoryEntry.Fault?
  /// When the transaction began, and when this was taken: whole seconds since 1970.
  var started: Int
  var taken: Int
  var steps: [StepResult]
  var units: [Testimony.Unit]
  /// What could not be read or was left out, in sentences.
  var gaps: [String]
}

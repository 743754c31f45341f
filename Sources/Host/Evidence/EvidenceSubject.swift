internal import Deployment

/// What evidence is kept of: a release that is about to be left.
struct EvidenceSubject {
  var release: ReleaseIdentity?
  var units: [String]
  /// What the release had changed: from what stood before it to what it brought.
  var changes: [FileComparison]
  /// How far back the journal matters.
  var past: Duration
  var reason: String
  var fault: HistoryEntry.Fault?
  /// How long looking may take.
  var limit = Duration.seconds(2)
}

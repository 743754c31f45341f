internal import Deployment

/// A check of the consumer groups that the manifest names. It looks at both ends of the window.
protocol GroupCheck: Check where Item == Manifest.ConsumerGroup, Seen == GroupObservation {}

extension GroupCheck {
  static var looksAgain: Bool { true }

  static func items(of subject: VerificationSubject) -> [Manifest.ConsumerGroup] { subject.verify.groups }

  static func name(of wanted: Manifest.ConsumerGroup) -> String { wanted.group }

  static func severity(of wanted: Manifest.ConsumerGroup, _ subject: VerificationSubject) -> Manifest.Severity {
    wanted.severity
  }

  static func look(
    at wanted: Manifest.ConsumerGroup, _ moment: Moment, _ run: VerificationRun
  ) async -> Observation<GroupObservation> {
    await run.group(wanted, moment)
  }
}

/// A consumer group on its stream, with all that the checks of groups compare it with.
struct GroupObservation: Sendable {
  var group: GroupView
  var stream: StreamView
  /// How many connections read by a group, any group; `nil` where the user may not ask.
  var readers: Int?
  /// A consumer that was given nothing for longer is taken for dead.
  var silence = VerificationOptions().silence
  /// How the group stood when the window began; `nil`: there was no window, or it was cut short.
  var over: GroupMovement?
  /// How the group stood before the transaction; `nil`: not known.
  var before: Baseline.Group?
  /// Whether the window is only beginning.
  var isStart = false

  init(_ group: GroupView, on stream: StreamView) {
    self.group = group
    self.stream = stream
  }
}

/// How a group stood at the start of the window, for comparison with how it stands at the end.
struct GroupMovement: Sendable {
  var start: GroupView
  var window: Duration

  /// Whether anything was delivered or settled in between.
  func moved(to now: GroupView) -> Bool {
    start.lastDelivered != now.lastDelivered || start.read != now.read || start.pending != now.pending
      || start.oldestPending != now.oldestPending
  }

  /// Whether entries waited for their delivery at both ends, and nothing moved.
  func isUnread(_ now: GroupView) -> Bool {
    start.waiting.least > 0 && now.waiting.least > 0 && !moved(to: now)
  }

  /// Whether delivered entries were held at both ends, and nothing moved.
  func isUnsettled(_ now: GroupView) -> Bool {
    start.pending > 0 && now.pending > 0 && !moved(to: now)
  }
}

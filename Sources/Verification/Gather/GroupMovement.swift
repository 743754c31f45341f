internal import Deployment

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

internal import Basics
package import Deployment

/// A watch: what is watched, by what rules, until when, and what the looks have found. It is there until the next watch of
/// that name begins, so that its end can be read.
package struct WatchRecord: Sendable, Hashable, Codable {
  package static let currentSchema = "qtctl-watch/1"

  package struct Rules: Sendable, Hashable, Codable {
    /// In seconds, as `probe`.
    package var every: Double
    package var probe: Double
    package var failures: Int
    package var response: WatchResponse
    /// Absolute program and arguments; `nil`: none.
    package var alarm: [String]?
    package var alarmSeconds: Double
    /// What takes longer is slow, in seconds; `nil`: no such limit.
    package var slow: Double?

    package init(_ watch: Manifest.Watch) {
      every = watch.every / .seconds(1)
      probe = watch.probe / .seconds(1)
      failures = watch.failures
      response = watch.onFailure
      alarm = watch.alarm?.run
      alarmSeconds = (watch.alarm?.within ?? Manifest.Watch.usuallyAlarm) / .seconds(1)
      slow = watch.slow.map { $0 / .seconds(1) }
    }
  }

  /// How a watch ended.
  package struct End: Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, Hashable, Codable {
      /// Its time was over.
      case over
      case stopped
      /// A newer transaction changed what runs.
      case superseded
      case rolledBack = "rolled-back"
      /// The rollback was refused, or did not reach health.
      case failed
    }

    package var kind: Kind
    /// Whole seconds since 1970.
    package var at: Int
    /// In a sentence.
    package var why: String
  }

  /// When a look was a thorough one.
  struct Thorough: Sendable, Hashable, Codable {
    var boot: String
    /// Seconds since the boot.
    var at: Int
  }

  package var schema = WatchRecord.currentSchema
  package var name: String
  package var release: ReleaseIdentity
  /// When the release was installed, as its record has it.
  package var installed: Int
  package var store: String
  /// The backup that a rollback puts back; `nil` where the watch cannot roll back.
  package var stamp: Stamp?
  /// Whole seconds since 1970, as `until`.
  package var began: Int
  package var until: Int
  package var rules: Rules
  /// `$QTCTL_REDIS` and `$QTCTL_REDIS_USER` of the command that began it.
  package var redis: String?
  package var redisUser: String?
  /// How everything stood when the watch began, dead letters as of the last look.
  package var baseline: Baseline?
  /// By unit, bytes before the release, after a long time.
  package var usualMemory: [String: Int] = [:]
  package var course = WatchCourse()
  package var comparison = Comparison()
  /// The last look, in whole seconds since 1970.
  package var lastLook: Int?
  /// The last thorough look.
  var lastThorough: Thorough?
  /// Why the last look was passed over; `nil` where it was not.
  package var skipped: String?
  /// When a rollback was begun. There is only one.
  package var attempt: Int?
  package var end: End?

  package init(
    name: String, release: ReleaseIdentity, installed: Int, store: String, began: Int, until: Int, rules: Rules
  ) {
    self.name = name
    self.release = release
    self.installed = installed
    self.store = store
    self.began = began
    self.until = until
    self.rules = rules
  }
}

extension WatchRecord {
  /// Whether nothing looks any more though the watch is not over; it cannot be seen from the record alone why.
  package func isSilent(at now: Int) -> Bool {
    guard end == nil else { return false }
    let last = max(lastLook ?? began, began)
    return now.subtractingSaturated(last) > (Int(exactly: min(max(0, rules.every * 5), 864_000).rounded()) ?? 0)
      + Self.patience
  }

  /// What a look may take beside.
  private static let patience = 600
}

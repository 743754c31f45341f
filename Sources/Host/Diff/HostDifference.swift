internal import Deployment

/// What differs between two states of what one manifest names: between a backup and the host, or two backups.
public struct HostDifference: Sendable, Encodable {
  /// A unit that is not in the same state.
  public struct Unit: Sendable, Hashable, Encodable {
    public var unit: String
    /// What differs, in words: old → new.
    public var differences: [String]
  }

  /// What the two sides are: a stamp, `the host`.
  public var old: String
  public var new: String
  public var files: [FileDifference]
  public var units: [Unit]
  /// Paths and units that only one of two backups knows of, so that nothing can be said of a difference.
  public var unknown: [String]

  public var isEmpty: Bool { files.isEmpty && units.isEmpty && unknown.isEmpty }
}

extension HostDifference.Unit {
  /// `nil` where both are the same: there, running, enabled alike.
  init?(_ old: UnitState, _ new: UnitState) {
    var words: [String] = []
    if old.exists != new.exists { words.append("\(Self.presence(old)) → \(Self.presence(new))") }
    if old.running != new.running { words.append("\(Self.running(old)) → \(Self.running(new))") }
    if old.enablement != new.enablement {
      words.append("\(Self.enablement(old)) → \(Self.enablement(new))")
    }
    guard !words.isEmpty else { return nil }
    self.init(unit: old.unit, differences: words)
  }

  private static func presence(_ state: UnitState) -> String { state.exists ? "there" : "not there" }
  private static func running(_ state: UnitState) -> String { state.running ? "running" : state.active }
  private static func enablement(_ state: UnitState) -> String {
    state.enablement.isEmpty ? "no unit file" : state.enablement
  }
}

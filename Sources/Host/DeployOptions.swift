/// What a deploy is asked for beyond its release.
public struct DeployOptions: Sendable {
  /// Only the files of these units; all where empty.
  public var only: Set<String> = []
  /// Restart every unit, changed or not.
  public var all = false
  public var verify = true
  /// Undo by itself when it fails.
  public var rollback = true
  /// Go on where the host has drifted; what is there is backed up first.
  public var acceptDrift = false
  /// Try a release whose content failed here before.
  public var again = false
  /// How long to wait for another transaction's lock.
  public var wait: Duration = .zero
  public var reason: String?
  /// Take a backup store that a reboot takes away.
  public var volatileStore = false
  /// Overrides the manifest's `verify.stable`.
  public var stable: Duration?
  /// Overrides the manifest's backup store.
  public var store: String?
  public init() {}
}

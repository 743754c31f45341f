/// What the host should be: said by a release (deploy) or by a backup (rollback, undo, recovery).
///
/// One shape for both, so that going forward and going back are one planner and one hand.
public struct DesiredState: Sendable, Hashable {
  public var files: [File]
  /// In start order.
  public var units: [Unit]
  /// Folders that go when they are empty in the end, deepest first.
  public var emptyFolders: [String]

  public init(files: [File], units: [Unit], emptyFolders: [String] = []) {
    self.files = files
    self.units = units
    self.emptyFolders = emptyFolders
  }

  public struct File: Sendable, Hashable {
    public var path: String
    /// The unit that it belongs to.
    public var unit: String
    public var state: FileState
    /// Where the content is read from; `nil` for what should be absent.
    public var origin: String?
    public var secret: Bool
    /// Installed only where absent.
    public var keep: Bool

    public init(
      path: String, unit: String, state: FileState, origin: String? = nil, secret: Bool = false, keep: Bool = false
    ) {
      self.path = path
      self.unit = unit
      self.state = state
      self.origin = origin
      self.secret = secret
      self.keep = keep
    }
  }

  public struct Unit: Sendable, Hashable {
    public enum Enablement: Sendable, Hashable {
      /// Leave an existing unit as it is; enable one that is new to the host.
      case enableWhenNew
      /// As recorded: `enabled`, `disabled`, `masked` …; empty where the unit did not exist.
      case recorded(String)
    }

    public var unit: String
    public var running: Bool
    public var enablement: Enablement
    /// How long it may take to become active.
    public var ready: Duration
    /// The grace between SIGTERM and SIGKILL.
    public var stop: Duration

    public init(
      unit: String, running: Bool, enablement: Enablement, ready: Duration = .seconds(30), stop: Duration = .seconds(10)
    ) {
      self.unit = unit
      self.running = running
      self.enablement = enablement
      self.ready = ready
      self.stop = stop
    }
  }
}

extension Manifest {
  /// One systemd unit and the files that belong to it.
  public struct Service: Sendable, Hashable {
    /// The unit's full name, such as `quantum-execution.service`.
    public var unit: String
    public var files: [File] = []
    /// How long the unit may take to become active.
    public var ready: Duration = .seconds(30)
    /// The grace between SIGTERM and SIGKILL.
    public var stop: Duration = .seconds(10)

    public init(unit: String, files: [File] = []) {
      self.unit = unit
      self.files = files
    }
  }

  /// One file of a release and where it goes.
  public struct File: Sendable, Hashable {
    /// Relative to the manifest's folder, or absolute.
    public var source: String
    /// Absolute, without `.` or `..`.
    public var target: String
    /// Permission bits, at most `0o7777`; `nil`: those of the source.
    public var mode: UInt32?
    public var owner = "root"
    public var group = "root"
    /// The contents are never shown, in no diff and no log.
    public var secret = false
    /// The host's own: installed only where absent, always backed up.
    public var keep = false

    public init(source: String, target: String) {
      self.source = source
      self.target = target
    }
  }
}

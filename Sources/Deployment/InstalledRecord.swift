/// What the last transaction left on the host, under one manifest's name: the ground for drift, for `files.match`,
/// and for the verification of a rollback when release and manifest are gone.
public struct InstalledRecord: Sendable, Hashable, Codable {
  public struct File: Sendable, Hashable, Codable {
    public var path: String
    public var unit: String
    public var state: FileState
    public var secret: Bool
    /// The host's own; it may change without being drift.
    public var keep: Bool

    public init(path: String, unit: String, state: FileState, secret: Bool, keep: Bool) {
      self.path = path
      self.unit = unit
      self.state = state
      self.secret = secret
      self.keep = keep
    }
  }

  public var name: String
  public var release: ReleaseIdentity
  /// The manifest's folder, absolute; relative paths in the manifest start here.
  public var folder: String
  /// The manifest's text, word for word.
  public var manifest: String
  /// The backup store, absolute.
  public var store: String
  /// In start order.
  public var units: [String]
  public var files: [File]
  /// Whether `verify` has passed on exactly this.
  public var verified: Bool
  /// Whole seconds since 1970.
  public var at: Int

  public init(
    name: String, release: ReleaseIdentity, folder: String, manifest: String, store: String, units: [String],
    files: [File], verified: Bool, at: Int
  ) {
    self.name = name
    self.release = release
    self.folder = folder
    self.manifest = manifest
    self.store = store
    self.units = units
    self.files = files
    self.verified = verified
    self.at = at
  }

  /// The files that are no longer as the last transaction left them.
  ///
  /// A file that is kept for the host is the host's to change.
  public func drift(in inventory: Inventory) -> [Drift] {
    files.compactMap { file in
      guard !file.keep else { return nil }
      let found = inventory.file(file.path)
      guard !file.state.differences(to: found).isEmpty else { return nil }
      return Drift(path: file.path, secret: file.secret, recorded: file.state, found: found)
    }
  }
}

/// What the kernel says of a unit's main process.
struct ProcessView: Sendable, Equatable {
  var pid: Int
  /// What it executes, without the kernel's ` (deleted)`.
  var executable: String
  /// Whether the file it executes has been unlinked or replaced since.
  var deleted: Bool
  /// The file it executes, whatever its name is now.
  var identity: FileIdentity
  /// Its arguments, the program's name included.
  var arguments: [String]
  /// When it started, in seconds since 1970, good to about 10 ms.
  var started: Double
}

/// A file of the release, as `unit.current` compares it.
struct InstalledFile: Sendable, Equatable {
  var target: String
  /// What the transaction installed; `nil` where that is not compared.
  var expected: String?
  var identity: FileIdentity
  var sha256: String?
  var executable: Bool
  /// The last change of content, and the last change of content, name or attributes: seconds since 1970.
  var modified: Double
  var changed: Double
}

/// What lies at a path, links not followed.
struct FileView: Sendable, Equatable {
  enum Kind: String, Sendable { case file, directory, link, other }

  var kind: Kind
  var mode: UInt32 = 0o644
  var owner: UInt32 = 0
  var group: UInt32 = 0
  var size: Int = 0
  /// Hex; `nil` where it is not a regular file.
  var sha256: String?
  /// Where a link leads; `nil` where it is none.
  var link: String?
  var identity: FileIdentity
  /// The last change of content, and the last change of content, name or attributes: seconds since 1970.
  var modified: Double = 0
  var changed: Double = 0
}

/// Which file it is, whatever its name.
struct FileIdentity: Sendable, Hashable {
  var device: UInt64
  var inode: UInt64
}

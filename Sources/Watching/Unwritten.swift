internal import Glibc

/// That a look could not be written down was told. It is kept in memory, where a full disk does not reach, until a look is
/// written again.
struct Unwritten {
  private let path: String

  /// - Parameter name: of the manifest, a plain word.
  init(_ name: String, folder: String = "/run") { path = folder + "/qtctl-watch-" + name + ".unwritten" }

  /// Notes that it is told.
  ///
  /// - Returns: whether it had not been; true as well where that cannot be noted: better told twice than never.
  func isNew() -> Bool {
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard file >= 0 else { return errno != EEXIST }
    close(file)
    return true
  }

  func forget() { unlink(path) }
}

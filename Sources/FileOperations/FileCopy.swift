internal import Basics
internal import Crypto
package import Deployment
internal import Glibc

/// Copies a file or a symlink to a new one with the metadata that a state names, and proves the content while copying.
/// Holes stay holes.
package enum FileCopy {
  /// - Throws: `FileError`, or `FileChanged` when `source` is not what `state` says.
  ///
  /// - Parameter syncs: whether it is fsynced by itself; else its caller makes many durable at once.
  package static func copy(
    _ source: FileLocation, to target: FileLocation, as state: FileState, syncs: Bool = true
  ) throws {
    guard state.type != .symlink else { return try copyLink(source, to: target, as: state) }
    try target.create(mode: state.mode ?? 0o600, syncs: syncs) { file in
      var hash = SHA256()
      var size = 0
      try source.forEachPart { part in
        switch part {
        case .data(let chunk):
          hash.update(bufferPointer: chunk)
          try Files.writeAll(chunk, to: file, path: target.path)
          size += chunk.count
        case .hole(let length):
          hash.update(zeros: length)
          size += length
          try Files.check("seek in", target.path) { lseek(file, off_t(size), SEEK_SET) }
          // A hole at the end has no byte after it that would make the file so long.
          try Files.check("lengthen", target.path) { Int(ftruncate(file, off_t(size))) }
        }
      }
      guard Digest.hex(hash.finalize()) == state.sha256 else { throw FileChanged(path: source.path) }
      try apply(state, to: file, path: target.path)
    }
  }

  /// The link itself, whatever it leads to. It has no content that could be fsynced: its folder's is its durability.
  private static func copyLink(_ source: FileLocation, to target: FileLocation, as state: FileState) throws {
    guard let link = state.link, try source.state().link == link else { throw FileChanged(path: source.path) }
    try makeLink(to: link, at: target, as: state)
  }

  /// Makes a symlink with the owner that a state names.
  package static func makeLink(to link: String, at target: FileLocation, as state: FileState) throws {
    try target.remove()
    let (folder, name, path) = (target.folder.descriptor, target.name, target.path)
    try Files.check("make link", path) { Int(symlinkat(link, folder, name)) }
    do {
      try Files.check("set the owner of", path) {
        Int(fchownat(folder, name, state.owner ?? 0, state.group ?? 0, AT_SYMLINK_NOFOLLOW))
      }
      guard let mtime = state.mtime else { return }
      try setTime(mtime, path) { Int(utimensat(folder, name, $0, AT_SYMLINK_NOFOLLOW)) }
    } catch {
      unlinkat(folder, name, 0)
      throw error
    }
  }

  /// Gives a file or symlink of qtctl's own the owner, mode, attributes and time that a state names.
  package static func setMetadata(_ state: FileState, of location: FileLocation) throws {
    let (folder, name, path) = (location.folder.descriptor, location.name, location.path)
    guard state.type == .file else {
      try Files.check("set the owner of", path) {
        Int(fchownat(folder, name, state.owner ?? 0, state.group ?? 0, AT_SYMLINK_NOFOLLOW))
      }
      guard let mtime = state.mtime else { return }
      return try setTime(mtime, path) { Int(utimensat(folder, name, $0, AT_SYMLINK_NOFOLLOW)) }
    }
    let flags = O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
    let file = Int32(try Files.check("open", path) { Int(openat(folder, name, flags)) })
    defer { close(file) }
    try Files.check("set the owner of", path) { Int(fchown(file, state.owner ?? 0, state.group ?? 0)) }
    try Files.check("set the mode of", path) { Int(fchmod(file, state.mode ?? 0o600)) }
    try ExtendedAttributes.write(state.xattrs ?? [:], to: file, path: path)
    if let mtime = state.mtime { try setTime(mtime, path) { Int(futimens(file, $0)) } }
  }

  /// Owner before mode and attributes: a change of owner clears setuid and capabilities.
  private static func apply(_ state: FileState, to file: Int32, path: String) throws(FileError) {
    try Files.check("set the owner of", path) { Int(fchown(file, state.owner ?? 0, state.group ?? 0)) }
    try ExtendedAttributes.write(state.xattrs ?? [:], to: file, path: path)
    guard let mtime = state.mtime else { return }
    try setTime(mtime, path) { Int(futimens(file, $0)) }
  }

  private static func setTime(
    _ mtime: FileTime, _ path: String, _ call: (UnsafePointer<timespec>) -> Int
  ) throws(FileError) {
    let time = timespec(tv_sec: mtime.seconds, tv_nsec: mtime.nanoseconds)
    try Files.check("set the time of", path) {
      withUnsafePointer(to: (time, time)) { $0.withMemoryRebound(to: timespec.self, capacity: 2, call) }
    }
  }
}

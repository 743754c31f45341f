internal import Crypto
package import Deployment
internal import Glibc

/// Copies a file or a symlink to a new one with the metadata that a state names, and proves the content while copying.
/// Holes stay holes.
package enum FileCopy {
  private static let zeros = [UInt8](repeating: 0, count: 1 << 16)

  /// - Throws: `FileError`, or `FileChanged` when `source` is not what `state` says.
  package static func copy(_ source: String, to target: String, as state: FileState) throws {
    guard state.type != .symlink else { return try copyLink(source, to: target, as: state) }
    try Files.create(target, mode: state.mode ?? 0o600) { file in
      var hash = SHA256()
      var size = 0
      try Files.forEachPart(of: source) { part in
        switch part {
        case .data(let chunk):
          hash.update(bufferPointer: chunk)
          try Files.writeAll(chunk, to: file, path: target)
          size += chunk.count
        case .hole(let length):
          update(&hash, zeros: length)
          size += length
          try Files.check("seek in", target) { lseek(file, off_t(size), SEEK_SET) }
          // A hole at the end has no byte after it that would make the file so long.
          try Files.check("lengthen", target) { Int(ftruncate(file, off_t(size))) }
        }
      }
      guard Digest.hex(hash.finalize()) == state.sha256 else { throw FileChanged(path: source) }
      try apply(state, to: file, path: target)
    }
  }

  /// The link itself, whatever it leads to. It has no content that could be fsynced: its folder's is its durability.
  private static func copyLink(_ source: String, to target: String, as state: FileState) throws {
    guard let link = state.link, try FileState.read(source).link == link else {
      throw FileChanged(path: source)
    }
    try Files.removeIfPresent(target)
    try Files.check("make link", target) { Int(symlink(link, target)) }
    do {
      try Files.check("set the owner of", target) { Int(lchown(target, state.owner ?? 0, state.group ?? 0)) }
      guard let mtime = state.mtime else { return }
      try setTime(mtime, target) { Int(utimensat(AT_FDCWD, target, $0, AT_SYMLINK_NOFOLLOW)) }
    } catch {
      unlink(target)
      throw error
    }
  }

  private static func update(_ hash: inout SHA256, zeros length: Int) {
    var left = length
    while left > 0 {
      hash.update(data: zeros.prefix(left))
      left -= min(left, zeros.count)
    }
  }

  /// Owner before mode and attributes: a change of owner clears setuid and capabilities.
  private static func apply(_ state: FileState, to file: Int32, path: String) throws(FileError) {
    try Files.check("set the owner of", path) { Int(fchown(file, state.owner ?? 0, state.group ?? 0)) }
    try ExtendedAttributes.write(state.xattrs ?? [:], to: file, path: path)
    guard let mtime = state.mtime else { return }
    try setTime(mtime, path) { Int(futimens(file, $0)) }
  }

  private static func setTime(
    _ mtime: Int, _ path: String, _ call: (UnsafePointer<timespec>) -> Int
  ) throws(FileError) {
    let time = timespec(tv_sec: mtime / 1_000_000_000, tv_nsec: mtime % 1_000_000_000)
    try Files.check("set the time of", path) {
      withUnsafePointer(to: (time, time)) { $0.withMemoryRebound(to: timespec.self, capacity: 2, call) }
    }
  }
}

internal import Crypto
internal import Deployment
internal import Glibc

/// Copies content to a new file with the metadata that a state names, and proves the content while copying.
enum FileCopy {
  /// - Throws: `FileError`, or `HostError.contentChanged` when `source` is not what `state` says.
  static func copy(_ source: String, to target: String, as state: FileState) throws {
    try Files.create(target, mode: state.mode ?? 0o600) { file in
      var hash = SHA256()
      try Files.forEachChunk(of: source) { chunk in
        hash.update(bufferPointer: chunk)
        try Files.writeAll(chunk, to: file, path: target)
      }
      guard Digest.hex(hash.finalize()) == state.sha256 else { throw HostError.contentChanged(path: source) }
      try apply(state, to: file, path: target)
    }
  }

  /// Owner before mode and attributes: a change of owner clears setuid and capabilities.
  private static func apply(_ state: FileState, to file: Int32, path: String) throws(FileError) {
    try Files.check("set the owner of", path) { Int(fchown(file, state.owner ?? 0, state.group ?? 0)) }
    try ExtendedAttributes.write(state.xattrs ?? [:], to: file, path: path)
    guard let mtime = state.mtime else { return }
    let time = timespec(tv_sec: mtime / 1_000_000_000, tv_nsec: mtime % 1_000_000_000)
    try Files.check("set the time of", path) {
      withUnsafePointer(to: (time, time)) {
        $0.withMemoryRebound(to: timespec.self, capacity: 2) { Int(futimens(file, $0)) }
      }
    }
  }
}

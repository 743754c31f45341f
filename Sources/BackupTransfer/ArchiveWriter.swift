internal import Basics
internal import CLibArchive
internal import CTarFormat
internal import Deployment
internal import FileOperations
internal import Glibc

/// Writes a `.tar.zst` member by member, by libarchive. (archive_write(3))
final class ArchiveWriter {
  private let archive: OpaquePointer
  private let path: String

  /// - Parameters:
  ///   - file: open for writing; it may be a pipe.
  ///   - path: for messages.
  ///   - asBytes: whether names or links are not all UTF-8 that nobody who reads it would compose.
  init(_ file: Int32, path: String, asBytes: Bool) throws {
    guard let archive = archive_write_new() else { throw Refusal(["there is no memory to write '\(path)'"]) }
    (self.archive, self.path) = (archive, path)
    try check(archive_write_add_filter_zstd(archive))
    try check(archive_write_set_format_pax_restricted(archive))
    // Pax knows names in UTF-8, or in bytes, of which GNU tar warns. (archive_write_set_options(3), pax(1))
    if asBytes { try check(archive_write_set_format_option(archive, "pax", "hdrcharset", "BINARY")) }
    try check(archive_write_open_fd(archive, file))
  }

  deinit { archive_write_free(archive) }

  /// Adds an empty file.
  func addMark(_ name: String) throws {
    try add(name, type: S_IFREG, FileState.mark) { _ in }
    try finishEntry()
  }

  func addFolder(_ name: String) throws {
    var state = FileState(.directory)
    (state.mode, state.owner, state.group) = (0o700, 0, 0)
    try add(name, type: S_IFDIR, state) { _ in }
    try finishEntry()
  }

  func addLink(_ name: String, _ state: FileState) throws {
    try add(name, type: S_IFLNK, state) { archive_entry_set_symlink($0, FileName.cString(state.link ?? "")) }
    try finishEntry()
  }

  /// Adds a file with its content.
  ///
  /// - Parameter state: with its size.
  /// - Throws: `FileChanged` where it is longer or shorter by now.
  func addFile(_ name: String, _ state: FileState, from location: FileLocation) throws {
    let size = state.size ?? 0
    try add(name, type: S_IFREG, state) { archive_entry_set_size($0, la_int64_t(size)) }
    var left = size
    let zeros = [UInt8](repeating: 0, count: 1 << 16)
    func write(_ bytes: UnsafeRawBufferPointer) throws {
      guard bytes.count <= left else { throw FileChanged(path: location.path) }
      var rest = bytes
      while !rest.isEmpty {
        let count = archive_write_data(archive, rest.baseAddress, rest.count)
        guard count > 0 else { throw failure() }
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
      }
      left -= bytes.count
    }
    try location.forEachPart { part in
      switch part {
      case .data(let bytes): try write(bytes)
      case .hole(var length):
        while length > 0 {
          try zeros.withUnsafeBytes { try write(UnsafeRawBufferPointer(rebasing: $0.prefix(length))) }
          length -= min(length, zeros.count)
        }
      }
    }
    guard left == 0 else { throw FileChanged(path: location.path) }
    try finishEntry()
  }

  /// Writes the end; without it the archive is torn.
  func close() throws { try check(archive_write_close(archive)) }

  private func add(_ name: String, type: mode_t, _ state: FileState, _ more: (OpaquePointer) -> Void) throws {
    guard let entry = archive_entry_new() else { throw Refusal(["there is no memory to write '\(path)'"]) }
    defer { archive_entry_free(entry) }
    archive_entry_set_pathname(entry, FileName.cString(name))
    archive_entry_set_filetype(entry, UInt32(type))
    archive_entry_set_perm(entry, state.mode ?? 0o600)
    archive_entry_set_uid(entry, la_int64_t(state.owner ?? 0))
    archive_entry_set_gid(entry, la_int64_t(state.group ?? 0))
    archive_entry_set_size(entry, 0)
    if let time = state.mtime { archive_entry_set_mtime(entry, time.seconds, time.nanoseconds) }
    more(entry)
    try check(archive_write_header(archive, entry))
  }

  private func finishEntry() throws { try check(archive_write_finish_entry(archive)) }

  private func check(_ status: Int32) throws {
    guard status == ARCHIVE_OK else { throw failure() }
  }

  private func failure() -> Refusal {
    let number = archive_errno(archive)
    // libarchive says "Write error" of whatever the system refuses.
    let reason =
      number > 0
      ? String(cString: strerror(number))
      : archive_error_string(archive).map { String(cString: $0) } ?? "no reason given"
    return Refusal(["the archive '\(path)' cannot be written: \(reason); free space there, or name another place"])
  }
}

extension FileState {
  /// Of a file that holds nothing.
  fileprivate static var mark: FileState {
    var state = FileState(.file)
    (state.mode, state.owner, state.group) = (0o600, 0, 0)
    return state
  }
}

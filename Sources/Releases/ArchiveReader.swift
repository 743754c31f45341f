internal import Basics
internal import CLibArchive
internal import Deployment
internal import Glibc

/// What an archive says of one of its members.
package struct ArchiveMember {
  package enum Kind: Equatable {
    case file, folder, hardLink, other
    /// With where it leads, as `FileName` spells it; `nil` where that cannot be read.
    case symlink(String?)
  }

  package var kind: Kind
  /// As `FileName` spells it; `nil` where it cannot be read.
  package var name: String?
  /// Permission bits, at most `0o7777`.
  package var mode: UInt32
  /// Bytes, unpacked; `nil` where it is not said.
  package var size: Int?

  package init(_ kind: Kind, _ name: String?, mode: UInt32 = 0o644, size: Int? = 0) {
    self.kind = kind
    self.name = name
    self.mode = mode
    self.size = size
  }
}

/// Reads a `.tar`, `.tar.gz` or `.tar.zst` member by member, by libarchive: what is listed and what is unpacked is read by
/// the same code. Names come as they were packed, or the archive is refused (`PaxNames`).
package final class ArchiveReader {
  private let archive: OpaquePointer
  private let file: Int32
  private let path: String
  /// Whether the names of the archive were looked at.
  private var areNamesProven = false
  /// When reading must be over: a small archive may unpack to years of zeros.
  private let deadline: ContinuousClock.Instant

  /// - Parameter file: open for reading; it is read from its beginning.
  /// - Throws: `Refusal` where it is no such archive.
  package init(_ file: Int32, path: String, deadline: ContinuousClock.Instant) throws {
    guard let archive = archive_read_new() else { throw Refusal(["there is no memory to read '\(path)'"]) }
    self.archive = archive
    self.file = file
    self.path = path
    self.deadline = deadline
    lseek(file, 0, SEEK_SET)
    for call in [archive_read_support_format_tar, archive_read_support_filter_gzip, archive_read_support_filter_zstd] {
      try check(call(archive))
    }
    try check(archive_read_open_fd(archive, file, 1 << 16))
  }

  deinit { archive_read_free(archive) }

  /// The next member; `nil` at the end.
  package func next() throws -> ArchiveMember? {
    var entry: OpaquePointer?
    try checkTime()
    let status = archive_read_next_header(archive, &entry)
    if status == ARCHIVE_EOF { return nil }
    // It may be about a name, which is told better there.
    if status == ARCHIVE_WARN { try PaxNames.prove(file, path: path, deadline: deadline) }
    try check(status)
    guard let entry else { return nil }
    let kind: ArchiveMember.Kind =
      switch archive_entry_filetype(entry) & S_IFMT {
      case _ where archive_entry_hardlink(entry) != nil: .hardLink
      case S_IFREG: .file
      case S_IFDIR: .folder
      case S_IFLNK: .symlink(archive_entry_symlink(entry).map { FileName.text(cString: $0) })
      default: .other
      }
    let size = Int(exactly: archive_entry_size(entry)).flatMap { $0 < 0 ? nil : $0 }
    let name = archive_entry_pathname(entry).map { FileName.text(cString: $0) }
    try prove([name, archive_entry_symlink(entry).map { String(cString: $0) }])
    return ArchiveMember(
      kind, name, mode: archive_entry_perm(entry) & 0o7777,
      size: archive_entry_size_is_set(entry) == 0 ? nil : size)
  }

  /// Where a name is not ASCII, looks once whether libarchive gives those of this archive as they were packed.
  private func prove(_ names: [String?]) throws {
    guard !areNamesProven, names.contains(where: { $0?.utf8.contains { $0 > 0x7f } ?? false }) else { return }
    areNamesProven = true
    try PaxNames.prove(file, path: path, deadline: deadline)
  }

  /// Writes the content of the member that was read last.
  ///
  /// - Parameter size: what the member said; more than that is not written.
  package func write(to file: Int32, size: Int) throws {
    var block: UnsafeRawPointer?
    var count = 0
    var offset: Int64 = 0
    while true {
      try checkTime()
      let status = archive_read_data_block(archive, &block, &count, &offset)
      if status == ARCHIVE_EOF { break }
      try check(status)
      guard let place = Int(exactly: offset), place >= 0, count >= 0, count <= size, place <= size - count else {
        throw Refusal(["the archive '\(path)' is damaged: a member has more content than it says"])
      }
      var rest = UnsafeRawBufferPointer(start: block, count: count)
      while !rest.isEmpty {
        let written = pwrite(file, rest.baseAddress, rest.count, off_t(place &+ (count &- rest.count)))
        if written < 0 && errno == EINTR { continue }
        guard written > 0 else { throw Refusal(["'\(path)' cannot be unpacked: \(String(cString: strerror(errno)))"]) }
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
      }
    }
    guard ftruncate(file, off_t(size)) == 0 else {
      throw Refusal(["'\(path)' cannot be unpacked: \(String(cString: strerror(errno)))"])
    }
  }

  /// Whatever libarchive does not take as it is, warnings included, no release needs.
  private func check(_ status: Int32) throws {
    guard status != ARCHIVE_OK else { return }
    let reason = archive_error_string(archive).map { String(cString: $0) } ?? "it cannot be read"
    throw Refusal(["'\(path)' is not an archive that can be unpacked: \(reason); copy it here again, or pack it again"])
  }

  private func checkTime() throws {
    if ContinuousClock.now > deadline { throw Self.late(path) }
  }

  static func late(_ path: String) -> Refusal {
    Refusal([
      "the archive '\(path)' could not be read in time; pack less into it, or try again when the host is less busy"
    ])
  }
}

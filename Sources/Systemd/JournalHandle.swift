internal import Basics
internal import CSystemd
internal import Glibc

/// An open journal with a query's conditions set. One thread at a time may use it.
final class JournalHandle {
  private let handle: OpaquePointer
  private let query: JournalQuery
  /// The cursor behind which to begin: the next entry may be that very one.
  private var behind: String?
  /// The cursor of the latest entry that was read forwards.
  private var latest: String?

  init(_ query: JournalQuery, directory: String?) throws(SystemdError) {
    var journal: OpaquePointer?
    let result =
      if let directory {
        sd_journal_open_directory(&journal, directory, 0)
      } else {
        // A unit with a LogNamespace= writes to a journal of its own.
        sd_journal_open_namespace(
          &journal, nil, Int32(SD_JOURNAL_LOCAL_ONLY) | Int32(SD_JOURNAL_ALL_NAMESPACES))
      }
    guard result >= 0, let journal else {
      throw .noJournal(reason: String(cString: strerror(-result)))
    }
    handle = journal
    self.query = query
    guard directory != nil || sd_journal_has_runtime_files(handle) > 0 || sd_journal_has_persistent_files(handle) > 0
    else { throw Self.nothingToRead() }
    if directory == nil { try Self.checkAccess() }
    try addMatches()
  }

  deinit { sd_journal_close(handle) }

  /// Goes to the place where the query begins, before its first entry.
  func seekStart() throws(SystemdError) { try seek(behind: query.after) }

  /// Goes to the place behind the latest entry.
  ///
  /// A journal that was read to its end is looked at again only where it has more entries than then, and journald counts an
  /// entry before a query finds it: one that was written just then would be seen when the next one comes. Source:
  /// `next_beyond_location` of sd-journal.c and `journal_file_link_entry` of journal-file.c in systemd 252.
  func seekOn() throws(SystemdError) { try seek(behind: latest ?? query.after) }

  private func seek(behind cursor: String?) throws(SystemdError) {
    behind = cursor
    if let cursor {
      guard sd_journal_seek_cursor(handle, cursor) >= 0 else { throw .badCursor(cursor) }
    } else if let since = query.since {
      try check(sd_journal_seek_realtime_usec(handle, UInt64(max(since, 0))), "seek")
    } else {
      try check(sd_journal_seek_head(handle), "seek")
    }
  }

  func seekEnd() throws(SystemdError) {
    try check(sd_journal_seek_tail(handle), "seek")
  }

  /// The next entry; `nil` at the end. An entry that is damaged on disk is skipped, as journalctl(1) does.
  func next() throws(SystemdError) -> JournalEntry? {
    while try check(sd_journal_next(handle), "read") > 0 {
      if let cursor = behind, sd_journal_test_cursor(handle, cursor) > 0 { continue }
      behind = nil
      if let entry = try entry() {
        latest = entry.cursor
        return entry
      }
    }
    return nil
  }

  /// The entry before; `nil` at the beginning.
  func previous() throws(SystemdError) -> JournalEntry? {
    while try check(sd_journal_previous(handle), "read") > 0 {
      if let entry = try entry() { return entry }
    }
    return nil
  }

  /// The place of the entry before, without reading it.
  func previousCursor() throws(SystemdError) -> String? {
    try check(sd_journal_previous(handle), "read") > 0 ? try cursor() : nil
  }

  /// Waits until something may have been added, or for that long.
  func wait(_ limit: Duration) throws(SystemdError) {
    let result = sd_journal_wait(handle, limit.busMicroseconds)
    if result != -EINTR { try check(result, "wait for") }
  }

  private func entry() throws(SystemdError) -> JournalEntry? {
    var realtime: UInt64 = 0
    guard sd_journal_get_realtime_usec(handle, &realtime) >= 0 else { return nil }
    var fields: [String: String] = [:]
    var data: UnsafeRawPointer?
    var size = 0
    sd_journal_restart_data(handle)
    while true {
      let result = sd_journal_enumerate_available_data(handle, &data, &size)
      if result == -EBADMSG { return nil }
      guard try check(result, "read") > 0, let data else { break }
      let bytes = UnsafeRawBufferPointer(start: data, count: size)
      guard let separator = bytes.firstIndex(of: UInt8(ascii: "=")) else { continue }
      let name = String(decoding: bytes[..<separator], as: UTF8.self)
      if fields[name] == nil {
        fields[name] = String(decoding: bytes[(separator + 1)...], as: UTF8.self)
      }
    }
    return JournalEntry(cursor: try cursor(), realtime: Int64(clamping: realtime), fields: fields)
  }

  private func cursor() throws(SystemdError) -> String {
    var cursor: UnsafeMutablePointer<CChar>?
    try check(sd_journal_get_cursor(handle, &cursor), "read")
    defer { free(cursor) }
    return cursor.map { String(cString: $0) } ?? ""
  }

  @discardableResult
  private func check(_ result: Int32, _ operation: String) throws(SystemdError) -> Int32 {
    guard result < 0 else { return result }
    throw .failed(operation: operation, subject: "journal", errno: -result)
  }
}

// What the query asks for.
extension JournalHandle {
  private func addMatches() throws(SystemdError) {
    for (index, group) in query.matches(currentBoot: try Self.bootID()).enumerated() {
      if index > 0 { try check(sd_journal_add_conjunction(handle), "query") }
      for (index, alternative) in group.enumerated() {
        if index > 0 { try check(sd_journal_add_disjunction(handle), "query") }
        for match in alternative {
          let text = Array("\(match.field)=\(match.value)".utf8)
          guard JournalField.isValid(match.field), sd_journal_add_match(handle, text, text.count) >= 0 else {
            throw .badField(match.field)
          }
        }
      }
    }
  }

  private static func bootID() throws(SystemdError) -> String {
    var id = sd_id128_t()
    let result = sd_id128_get_boot(&id)
    guard result >= 0 else { throw .failed(operation: "read", subject: "boot id", errno: -result) }
    return text(id)
  }

  private static func text(_ id: sd_id128_t) -> String {
    withUnsafeBytes(of: id) { Digits.hex(Array($0)) }
  }
}

// Whether the journal can be read by this caller.
extension JournalHandle {
  /// Without permission, sd-journal opens nothing and says nothing.
  private static func checkAccess() throws(SystemdError) {
    var machine = sd_id128_t()
    guard geteuid() != 0, sd_id128_get_machine(&machine) >= 0 else { return }
    for folder in ["/var/log/journal", "/run/log/journal"] {
      let path = "\(folder)/\(text(machine))/system.journal"
      if access(path, R_OK) != 0, errno == EACCES {
        throw .permissionDenied(operation: "read the journal", subject: path)
      }
    }
  }

  private static func nothingToRead() -> SystemdError {
    do { try checkAccess() } catch { return error }
    return .noJournal(reason: "there is no journal file; is systemd-journald running on this machine?")
  }
}

internal import Glibc

/// The transactions of this host, oldest first, a JSON object a line.
public struct History: Sendable {
  private let path: String

  public init(_ folder: StateFolder) { path = folder.history }

  /// The entries. Lines that cannot be read are left out of the list and counted.
  public func read() throws -> (entries: [HistoryEntry], unreadable: Int) {
    let lines = (try Files.readIfPresent(path) ?? []).split(separator: UInt8(ascii: "\n"))
    let entries = lines.compactMap { try? JSON.decode(HistoryEntry.self, from: $0, path: path) }
    return (entries, lines.count - entries.count)
  }

  /// Adds an entry; it is durable on return. An entry that the last line already holds is not added again, so that
  /// recovery may repeat the call.
  func append(_ entry: HistoryEntry) throws {
    if try read().entries.last == entry { return }
    let file = Int32(
      try Files.check("open", path) { Int(open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)) })
    defer { close(file) }
    var bytes = try JSON.line(entry)
    // A line torn by a crash must not swallow this one.
    if try !endsWithNewline(file) { bytes.insert(UInt8(ascii: "\n"), at: 0) }
    try bytes.withUnsafeBytes { try Files.writeAll($0, to: file, path: path) }
    try Files.check("fsync", path) { Int(fsync(file)) }
  }

  private func endsWithNewline(_ file: Int32) throws -> Bool {
    let size = try Files.check("seek in", path) { lseek(file, 0, SEEK_END) }
    guard size > 0 else { return true }
    var last: UInt8 = 0
    try Files.check("read", path) { pread(file, &last, 1, size - 1) }
    return last == UInt8(ascii: "\n")
  }
}

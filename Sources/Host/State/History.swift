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
      try Files.check("open", path) { Int(open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)) })
    defer { close(file) }
    try Files.appendLines(try JSON.line(entry), to: file, path: path)
    // Its name too, where the file is new.
    try Files.syncFolder(of: path)
  }
}

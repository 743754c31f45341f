internal import CLinux
internal import Deployment
internal import Glibc

/// The transactions of this host, oldest first, a JSON object a line.
public struct History: Sendable {
  private let path: String

  public init(_ folder: StateFolder) { path = folder.history }

  /// The newest entries, oldest first. Lines among them that cannot be read are left out of the list and counted.
  public func last(_ count: Int) throws -> (entries: [HistoryEntry], unreadable: Int) {
    let lines = try lines().suffix(count)
    let entries = lines.compactMap { try? JSON.decode(HistoryEntry.self, from: $0, path: path) }
    return (entries, lines.count - entries.count)
  }

  /// The newest entry that satisfies `predicate`; `nil` where none does.
  ///
  /// - Parameter text: what its line holds in any case, such as a digest. Reading a line is what takes time, so of a long
  ///   history only such lines are.
  func newest(holding text: String, where predicate: (HistoryEntry) -> Bool) throws -> HistoryEntry? {
    let wanted = Array(text.utf8)
    for line in try lines().reversed() where Self.holds(line, wanted) {
      guard let entry = try? JSON.decode(HistoryEntry.self, from: line, path: path) else { continue }
      if predicate(entry) { return entry }
    }
    return nil
  }

  /// When what is on the host came there, in whole seconds since 1970.
  func beginning(of installed: InstalledRecord) -> Int {
    let entry = try? newest(holding: installed.release.digest) {
      $0.name == installed.name && $0.to == installed.release && $0.outcome != .unchanged && $0.outcome != .backedUp
    }
    return entry?.started ?? installed.at
  }

  /// Adds an entry; it is durable on return. An entry that the last line already holds is not added again, so that
  /// recovery may repeat the call.
  func append(_ entry: HistoryEntry) throws {
    let file = Int32(
      try Files.check("open", path) { Int(open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)) })
    defer { close(file) }
    let line = try JSON.line(entry)
    if try Files.lastLine(of: file, path: path) == line { return }
    try Files.appendLines(line, to: file, path: path)
    // Its name too, where the file is new.
    try Files.syncFolder(of: path)
  }

  private func lines() throws -> [ArraySlice<UInt8>] {
    try (Files.readIfPresent(path) ?? []).split(separator: UInt8(ascii: "\n"))
  }

  private static func holds(_ line: ArraySlice<UInt8>, _ text: [UInt8]) -> Bool {
    line.withUnsafeBytes { line in
      text.withUnsafeBytes { memmem(line.baseAddress, line.count, $0.baseAddress, $0.count) != nil }
    }
  }
}

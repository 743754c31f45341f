internal import Deployment

/// What an archive holds, by the list that `tar --list --verbose --numeric-owner --quoting-style=escape` prints.
package struct ArchiveList {
  package static let mostFiles = 100_000
  /// Bytes, all members together.
  package static let mostBytes = 8 << 30
  /// Bytes of one name: with the folder that it is unpacked to, it stays a path that every call takes.
  package static let longestName = 1024

  package private(set) var bytes = 0
  package private(set) var count = 0
  private var findings: [String] = []
  private var files: Set<Substring> = []
  private var folders: Set<Substring> = []

  /// Reads and judges a list, member by member.
  ///
  /// - Throws: `Refusal` with the first few members that no release needs.
  package init(judging list: String) throws {
    for line in list.split(separator: "\n") {
      count += 1
      // Mode, owner, size, day, time, and the name, which may hold spaces. The type comes first: no name can pretend one.
      let words = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
      guard words.count == 6, let size = Int(words[2]), size >= 0 else {
        // A device has "major,minor" where a file has its size.
        findings.append("'\(line.prefix(Self.longestName))' is not a plain file")
        continue
      }
      // A few sizes can be more than a number holds.
      bytes = bytes.addingReportingOverflow(size).overflow ? .max : bytes + size
      if let fault = fault(mode: words[0], name: words[5]) { findings.append(fault) }
    }
    if let both = files.first(where: folders.contains) { findings.append("'\(both)' is both a file and a folder") }
    if count > Self.mostFiles {
      findings.append("it holds \(count) members; a release has at most \(Self.mostFiles)")
    }
    if bytes > Self.mostBytes {
      findings.append("it unpacks to \(bytes) bytes; a release has at most \(Self.mostBytes)")
    }
    if count == 0 { findings.append("it is empty") }
    guard findings.isEmpty else {
      throw Refusal(findings.prefix(10).map { "the archive is refused: \($0)" })
    }
  }

  private mutating func fault(mode: Substring, name: Substring) -> String? {
    let said = name.prefix(Self.longestName)
    switch mode.first {
    case "-", "d": break
    case "l", "h": return "'\(said)' is a link; a release may hold only plain files"
    default: return "'\(said)' is a device or a pipe; a release may hold only plain files"
    }
    if mode.contains(where: { "sStT".contains($0) }) { return "'\(said)' has a setuid, setgid or sticky bit" }
    if name.hasPrefix("/") { return "'\(said)' is an absolute path" }
    if name.utf8.count > Self.longestName { return "'\(said)…' is longer than \(Self.longestName) bytes" }
    if hasByteEscape(name) { return "'\(said)' is not a text name; use UTF-8 without control characters" }
    let parts = name.split(separator: "/").filter { $0 != "." }
    if parts.contains("..") { return "'\(said)' leads outside of the archive" }
    return note(parts, isFolder: mode.first == "d") ? nil : "'\(said)' is in it twice"
  }

  /// Whether tar had to show a byte by its number. A name with a line feed has `\n` and is no such one.
  private func hasByteEscape(_ name: Substring) -> Bool {
    var rest = name[...]
    while let escape = rest.firstIndex(of: "\\") {
      let behind = rest[rest.index(after: escape)...]
      if behind.first?.isNumber ?? false { return true }
      rest = behind.dropFirst()
    }
    return false
  }

  /// Notes a member and the folders that lead to it; false for a file that was there before.
  private mutating func note(_ parts: [Substring], isFolder: Bool) -> Bool {
    var folder: Substring = ""
    for part in isFolder ? parts[...] : parts.dropLast() {
      folder += (folder.isEmpty ? "" : "/") + part
      folders.insert(folder)
    }
    guard !isFolder, let last = parts.last else { return true }
    return files.insert(folder + (folder.isEmpty ? "" : "/") + last).inserted
  }
}

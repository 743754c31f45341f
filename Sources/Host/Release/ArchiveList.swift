/// Judges what an archive holds, by the list that `tar --list --verbose --numeric-owner --quoting-style=escape` prints.
enum ArchiveList {
  static let mostFiles = 100_000
  /// Bytes, all members together.
  static let mostBytes = 8 << 30

  /// - Throws: `HostError.refused` with the first few members that no release needs.
  static func judge(_ list: String) throws {
    var findings: [String] = []
    var bytes = 0
    var count = 0
    for line in list.split(separator: "\n") {
      count += 1
      // Mode, owner, size, day, time, and the name, which may hold spaces.
      let words = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
      guard words.count == 6, let size = Int(words[2]) else {
        // A device has "major,minor" where a file has its size.
        findings.append("'\(line)' is not a plain file")
        continue
      }
      bytes += size
      if let fault = fault(mode: words[0], name: words[5]) { findings.append(fault) }
    }
    if count > mostFiles { findings.append("it holds \(count) members; a release has at most \(mostFiles)") }
    if bytes > mostBytes { findings.append("it unpacks to \(bytes) bytes; a release has at most \(mostBytes)") }
    if count == 0 { findings.append("it is empty") }
    guard findings.isEmpty else {
      throw HostError.refused(findings.prefix(10).map { "the archive is refused: \($0)" })
    }
  }

  private static func fault(mode: Substring, name: Substring) -> String? {
    switch mode.first {
    case "-", "d": break
    case "l", "h": return "'\(name)' is a link; a release holds plain files"
    default: return "'\(name)' is a device or a pipe; a release holds plain files"
    }
    if mode.contains(where: { "sStT".contains($0) }) { return "'\(name)' has a setuid, setgid or sticky bit" }
    if name.hasPrefix("/") { return "'\(name)' is an absolute path" }
    if name.split(separator: "/").contains("..") { return "'\(name)' leads out of the archive" }
    return nil
  }
}

internal import Basics
internal import Deployment

/// Judges the members of an archive: a release needs plain files and folders with plain names, each of them once, and not
/// too many of them.
struct ArchiveJudge {
  static let mostFiles = 100_000
  /// Bytes, all members together.
  static let mostBytes = 8 << 30
  /// Bytes of one name: with the folder that it is unpacked to, it stays a path that every call takes.
  static let longestName = 1024
  /// Faults that are told; more say nothing new.
  private static let mostFaults = 10

  private(set) var bytes = 0
  private(set) var count = 0
  private var faults: [String] = []
  private var files: Set<String> = []
  private var folders: Set<String> = []

  /// Takes in the next member.
  ///
  /// - Throws: `Refusal` where it is no use to read on.
  mutating func judge(_ member: ArchiveMember) throws {
    count += 1
    // A few sizes can be more than a number holds.
    let (sum, overflows) = bytes.addingReportingOverflow(member.size ?? 0)
    bytes = overflows ? .max : sum
    if let fault = fault(member) { faults.append(fault) }
    if count > Self.mostFiles { faults.append("it holds more than \(Self.mostFiles) members") }
    if bytes > Self.mostBytes {
      faults.append("it unpacks to \(bytes) bytes; a release has at most \(Self.mostBytes)")
    }
    if count > Self.mostFiles || bytes > Self.mostBytes || faults.count >= Self.mostFaults { try end() }
  }

  /// - Throws: `Refusal` with the first few members that no release needs.
  func end() throws {
    var faults = faults
    if let both = files.first(where: folders.contains) { faults.append("'\(both)' is both a file and a folder") }
    if count == 0 { faults.append("it is empty") }
    guard faults.isEmpty else { throw Refusal(faults.prefix(Self.mostFaults).map { "the archive is refused: \($0)" }) }
  }

  /// The components of a name that was found good.
  static func components(_ name: String) -> [String] {
    // By bytes: to a character, a slash with an accent is none.
    name.utf8.split(separator: UInt8(ascii: "/")).map { String(decoding: $0, as: UTF8.self) }.filter { $0 != "." }
  }

  private mutating func fault(_ member: ArchiveMember) -> String? {
    guard let name = member.name else { return "a member has a name that is not text; use UTF-8" }
    let said = String(name.prefix(Self.longestName))
    switch member.kind {
    case .file, .folder: break
    case .link: return "'\(said)' is a link; a release may hold only plain files"
    case .other: return "'\(said)' is not a plain file, but a device or a pipe; a release may hold only plain files"
    }
    guard member.kind == .folder || member.size != nil else { return "'\(said)' does not say how large it is" }
    if member.mode & 0o7000 != 0 { return "'\(said)' has a setuid, setgid or sticky bit" }
    if name.utf8.first == UInt8(ascii: "/") { return "'\(said)' is an absolute path" }
    if name.utf8.count > Self.longestName { return "'\(said)…' is longer than \(Self.longestName) bytes" }
    if Printable.line(name) != name {
      return "'\(said)' is not a text name; use UTF-8 without control characters"
    }
    let components = Self.components(name)
    if components.contains("..") { return "'\(said)' leads outside of the archive" }
    return note(components, isFolder: member.kind == .folder)
      ? nil : "'\(said)' is in it twice"
  }

  /// Notes a member and the folders that lead to it; false for a file that was there before.
  private mutating func note(_ components: [String], isFolder: Bool) -> Bool {
    var folder = ""
    for component in isFolder ? components[...] : components.dropLast() {
      folder += (folder.isEmpty ? "" : "/") + component
      folders.insert(folder)
    }
    guard !isFolder, let last = components.last else { return isFolder }
    return files.insert(folder + (folder.isEmpty ? "" : "/") + last).inserted
  }
}

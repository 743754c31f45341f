internal import Basics
internal import Deployment

/// Judges the members of an archive: a release needs plain files, folders and symlinks, each of them once, and not too many of
/// them. Their names may be any bytes, as in a folder. Nothing may lie behind a symlink.
package struct ArchiveJudge {
  static let mostFiles = 100_000
  /// Bytes, all members together.
  static let mostBytes = 8 << 30
  /// Bytes of one name: with the folder that it is unpacked to, it stays a path that every call takes.
  static let longestName = 1024
  /// Faults that are told; more say nothing new.
  private static let mostFaults = 10

  package private(set) var bytes = 0
  package private(set) var count = 0
  private var faults: [String] = []
  /// Whether it is a backup: setuid, setgid and sticky bits are no fault, since whoever unpacks it takes modes from
  /// elsewhere.
  private let isBackup: Bool
  private var files: Set<String> = []
  private var folders: Set<String> = []
  private var links: Set<String> = []
  /// The symlinks that lead out of the archive, as far as their texts tell. They may be part of a folder that is deployed.
  private(set) var leadingOut: [String] = []

  package init(isBackup: Bool = false) { self.isBackup = isBackup }

  /// Takes in the next member.
  ///
  /// - Throws: `Refusal` where it is no use to read on.
  ///
  /// - Parameter isStrict: whether the first fault ends it, since the member is about to be unpacked.
  package mutating func judge(_ member: ArchiveMember, isStrict: Bool = false) throws {
    count += 1
    // A few sizes can be more than a number holds.
    let (sum, overflows) = bytes.addingReportingOverflow(member.size ?? 0)
    bytes = overflows ? .max : sum
    if let fault = fault(member) { faults.append(fault) }
    if count > Self.mostFiles { faults.append("it holds more than \(Self.mostFiles) members") }
    if bytes > Self.mostBytes {
      faults.append("it unpacks to \(bytes) bytes; a release has at most \(Self.mostBytes)")
    }
    if count > Self.mostFiles || bytes > Self.mostBytes || faults.count >= (isStrict ? 1 : Self.mostFaults) {
      try end()
    }
  }

  /// - Throws: `Refusal` with the first few members that no release needs.
  package func end() throws {
    var faults = faults
    if let both = files.first(where: folders.contains) {
      faults.append("'\(Self.shown(both))' is both a file and a folder")
    }
    if let both = links.first(where: folders.contains) {
      faults.append("'\(Self.shown(both))' is a symlink, and a folder with members of its own")
    }
    if count == 0 { faults.append("it is empty") }
    guard faults.isEmpty else { throw Refusal(faults.prefix(Self.mostFaults).map { "the archive is refused: \($0)" }) }
  }

  /// The components of a name that was found good.
  package static func components(_ name: String) -> [String] {
    // By bytes: to a character, a slash with an accent is none.
    name.utf8.split(separator: UInt8(ascii: "/")).map { String(decoding: $0, as: UTF8.self) }.filter { $0 != "." }
  }

  /// A name for a message.
  private static func shown(_ name: String) -> String { Printable.line(String(name.prefix(longestName))) }

  private mutating func fault(_ member: ArchiveMember) -> String? {
    guard let name = member.name else {
      return "a member has a name that cannot be read; pack it with: tar --format=gnu"
    }
    let said = Self.shown(name)
    switch member.kind {
    case .file, .folder, .symlink: break
    case .hardLink: return "'\(said)' is a hard link; pack it as a file, with: tar --hard-dereference"
    case .other: return "'\(said)' is not a plain file, but a device or a pipe; a release may hold only plain files"
    }
    guard member.kind != .file || member.size != nil else { return "'\(said)' does not say how large it is" }
    if member.mode & 0o7000 != 0, !isBackup { return "'\(said)' has a setuid, setgid or sticky bit" }
    if name.utf8.first == UInt8(ascii: "/") { return "'\(said)' is an absolute path" }
    if FileName.bytes(name).count > Self.longestName { return "'\(said)…' is longer than \(Self.longestName) bytes" }
    let components = Self.components(name)
    if components.contains("..") { return "'\(said)' leads outside of the archive" }
    if case .symlink(let target) = member.kind {
      guard let target, !target.isEmpty, FileName.bytes(target).count <= Self.longestName else {
        return "the symlink '\(said)' leads to a name that cannot be read, or longer than \(Self.longestName) bytes"
      }
      if Self.leadsOut(target, from: components.dropLast()) {
        leadingOut.append(components.joined(separator: "/"))
      }
    }
    return note(components, member.kind)
  }

  /// Whether a symlink in this folder of the archive leads out of it, by its text alone.
  private static func leadsOut(_ target: String, from folder: some Collection<String>) -> Bool {
    guard target.utf8.first != UInt8(ascii: "/") else { return true }
    var depth = folder.count
    for component in components(target) {
      depth += component == ".." ? -1 : 1
      if depth < 0 { return true }
    }
    return false
  }

  /// Notes a member and the folders that lead to it.
  ///
  /// - Returns: why it cannot be: it was there before, or lies behind a symlink.
  private mutating func note(_ components: [String], _ kind: ArchiveMember.Kind) -> String? {
    let name = components.joined(separator: "/")
    let said = Self.shown(name)
    var folder = ""
    for component in kind == .folder ? components[...] : components.dropLast() {
      folder += (folder.isEmpty ? "" : "/") + component
      if links.contains(folder) { return "'\(said)' lies behind the symlink '\(Self.shown(folder))'" }
      folders.insert(folder)
    }
    switch kind {
    case .folder: return nil
    case .symlink:
      return !files.contains(name) && links.insert(name).inserted ? nil : "'\(said)' is in it twice"
    default:
      return !links.contains(name) && files.insert(name).inserted ? nil : "'\(said)' is in it twice"
    }
  }
}

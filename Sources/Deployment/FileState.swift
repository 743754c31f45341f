package import Basics

/// What is, or should be, at a path: everything that a backup must bring back.
package struct FileState: Sendable, Hashable, Codable {
  package enum Kind: String, Sendable, Hashable, Codable {
    case absent, file, symlink, directory, other

    /// In a sentence: "a …".
    package var noun: String { self == .other ? "device, pipe or socket" : rawValue }
  }

  package var type: Kind
  /// Lower-case hex; of a file only.
  package var sha256: String?
  /// Bytes; of a file only.
  package var size: Int?
  /// Permission bits, at most `0o7777`.
  package var mode: UInt32?
  package var owner: UInt32?
  package var group: UInt32?
  /// Extended attributes by name (ACLs and capabilities are among them), each value in lower-case hex.
  package var xattrs: [String: String]?
  /// Recorded and restored, but no difference between two states.
  package var mtime: FileTime?
  /// Where a symlink points.
  package var link: String?

  package init(_ type: Kind) { self.type = type }

  package static let absent = FileState(.absent)
  package var exists: Bool { type != .absent }

  /// What differs between this state and `other` in what qtctl keeps, in words; empty when nothing does.
  ///
  /// - Parameter secret: Whether the content is secret. Then not even its digest is shown, from which a short content can
  ///   be guessed.
  package func differences(to other: FileState, secret: Bool = false) -> [String] {
    guard type == other.type else {
      return ["\(type.rawValue) → \(other.type.rawValue)" + (other.link.map { " to \($0)" } ?? "")]
    }
    var found: [String] = []
    if sha256 != other.sha256 {
      found.append(
        secret ? "content differs (secret, not shown)" : "content \(Self.short(sha256)) → \(Self.short(other.sha256))")
    }
    if mode != other.mode { found.append("mode \(Self.octal(mode)) → \(Self.octal(other.mode))") }
    if owner != other.owner || group != other.group {
      found.append("owner \(Self.ownership(self)) → \(Self.ownership(other))")
    }
    if attributes(besides: other) != other.attributes(besides: self) { found.append("extended attributes") }
    if link != other.link { found.append("link \(link ?? "?") → \(other.link ?? "?")") }
    return found
  }

  /// The security label that SELinux keeps of a file.
  package static let label = "security.selinux"

  /// Where one of the two names no label, the host's policy decides it.
  private func attributes(besides other: FileState) -> [String: String] {
    var attributes = xattrs ?? [:]
    if other.xattrs?[Self.label] == nil { attributes[Self.label] = nil }
    return attributes
  }

  /// Permission bits as an operator writes them, such as `0755`; `?` where they are not known.
  package static func octal(_ mode: UInt32?) -> String { mode.map(Digits.octal) ?? "?" }

  private static func short(_ digest: String?) -> String { digest.map { String($0.prefix(12)) } ?? "?" }
  private static func ownership(_ state: FileState) -> String {
    "\(state.owner.map(String.init) ?? "?"):\(state.group.map(String.init) ?? "?")"
  }
}

/// An access control list as the kernel keeps it in the attribute `system.posix_acl_access` (linux/posix_acl_xattr.h):
/// a version of four bytes, then eight for each entry: tag and permissions of two bytes each, and a user's or group's number.
enum AccessList {
  static let attribute = "system.posix_acl_access"

  /// The attribute's value, in hex, after the mode of its file was set (acl(5), "Correspondence between ACL entries and
  /// file permission bits").
  static func setting(mode: UInt32, in hex: String) -> String {
    let digits = Array(hex)
    let entries = stride(from: 8, to: digits.count, by: 16).map { Array(digits[$0..<min($0 + 16, digits.count)]) }
    let hasMask = entries.contains { tag($0) == "1000" }
    let set = entries.map { entry -> [Character] in
      let shift: UInt32? =
        switch tag(entry) {
        case "0100": 6
        case "0400": hasMask ? nil : 3
        case "1000": 3
        case "2000": 0
        default: nil
        }
      guard let shift, entry.count == 16 else { return entry }
      return Array(entry[..<4]) + Array("0\((mode >> shift) & 7)00") + Array(entry[8...])
    }
    return String(Array(digits.prefix(8)) + set.joined())
  }

  /// Little-endian: owner `0100`, group `0400`, mask `1000`, others `2000`.
  private static func tag(_ entry: [Character]) -> String { String(entry.prefix(4)) }
}

extension FileState {
  /// The state after its mode was set: an access control list says the same of the mode, and follows.
  package func settingMode(_ mode: UInt32) -> FileState {
    var state = self
    state.mode = mode
    state.xattrs?[AccessList.attribute] = xattrs?[AccessList.attribute].map { AccessList.setting(mode: mode, in: $0) }
    return state
  }
}

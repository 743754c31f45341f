/// An access control list as it stands in the attribute `system.posix_acl_access` (linux/posix_acl_xattr.h): a version of
/// four bytes, then eight for each entry: tag and permissions of two bytes each, and a user's or group's number.
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
  public func settingMode(_ mode: UInt32) -> FileState {
    var state = self
    state.mode = mode
    state.xattrs?[AccessList.attribute] = xattrs?[AccessList.attribute].map { AccessList.setting(mode: mode, in: $0) }
    return state
  }
}

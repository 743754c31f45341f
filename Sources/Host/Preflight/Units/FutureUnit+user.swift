internal import Systemd

extension FutureUnit {
  /// Whether its user exists only while it runs.
  var isDynamic: Bool { status.dynamicUser ?? false }

  /// The user's name; `nil`: root, or a dynamic one whose name systemd makes up.
  ///
  /// A dynamic user without `User=` is named after its unit, which the copy that was read is not.
  var user: String? {
    guard isDynamic else { return status.user }
    if sandbox.last(where: { $0.key == "User" })?.value.isEmpty == false { return status.user }
    return Self.isUserName(name.stem) ? name.stem : nil
  }

  /// Whether systemd takes a text for the name of a user (systemd.io/USER_NAMES); for a unit whose name is none it
  /// makes one up.
  static func isUserName(_ text: String) -> Bool {
    guard let first = text.utf8.first, text.utf8.count <= 31 else { return false }
    return (isLetter(first) || first == UInt8(ascii: "_"))
      && text.utf8.allSatisfy {
        isLetter($0) || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || $0 == UInt8(ascii: "_")
          || $0 == UInt8(ascii: "-")
      }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
  }
}

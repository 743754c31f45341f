/// A word of a command that a message shows, as a shell reads it: a command is typed or pasted as it is printed, and the
/// names of units have backslashes in them (systemd-escape(1)).
package enum ShellWord {
  /// As it is where every shell takes it so; else in quotes.
  package static func of(_ text: String) -> String {
    !text.isEmpty && text.utf8.allSatisfy(isPlain) ? text : quoted(text)
  }

  /// In quotes, whatever it is. By scalars: to a character, an apostrophe with an accent is none.
  package static func quoted(_ text: String) -> String {
    "'" + text.unicodeScalars.map { $0 == "'" ? "'\\''" : String($0) }.joined() + "'"
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "@%_+=:,./-".utf8.contains(byte)
    }
  }
}

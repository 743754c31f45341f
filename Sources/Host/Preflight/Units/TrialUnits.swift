internal import Glibc

/// Unit files of preflight's own: there for the length of one question, in the folder that a reboot empties.
///
/// systemd finds a new file when it is asked for its name; nothing needs to be reloaded.
enum TrialUnits {
  static let folder = "/run/systemd/system"
  private static let prefix = "qtctl-preflight-"

  /// Lays the texts out, hands over their names, and takes them away whatever happens.
  static func with<Value>(_ texts: [String], _ body: ([String]) throws -> Value) throws -> Value {
    // What a preflight that was killed has left; one at a time runs, under the lock.
    for name in try Files.names(in: folder) where name.hasPrefix(prefix) {
      try Files.removeIfPresent(folder + "/" + name)
    }
    let names = texts.map { _ in "\(prefix)\(UInt32.random(in: 0 ... .max)).service" }
    defer {
      for name in names { unlink(folder + "/" + name) }
    }
    for (name, text) in zip(names, texts) { try Scratch.write(text, to: folder + "/" + name) }
    return try body(names)
  }
}

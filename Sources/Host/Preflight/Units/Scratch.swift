internal import Glibc

/// A folder for root alone that is gone at the end; under /run, which a reboot empties.
enum Scratch {
  static func with<Value>(_ body: (String) throws -> Value) throws -> Value {
    let folder = try make()
    defer { try? Files.removeTree(folder) }
    return try body(folder)
  }

  /// Takes away what a preflight that was killed has left; one at a time runs, under the lock.
  static func clean() throws {
    for name in try Files.names(in: "/run") where name.hasPrefix("qtctl-preflight-") {
      try Files.removeTree("/run/" + name)
    }
  }

  static func make() throws -> String {
    var template = Array("/run/qtctl-preflight-XXXXXX".utf8CString)
    try Files.check("make folder", "/run/qtctl-preflight-XXXXXX") { mkdtemp(&template) == nil ? -1 : 0 }
    return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Writes a file that need not outlive a power loss.
  static func write(_ text: String, to path: String) throws {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
    let file = Int32(try Files.check("create", path) { Int(open(path, flags, 0o644)) })
    defer { close(file) }
    var text = text
    try text.withUTF8 { try Files.writeAll(UnsafeRawBufferPointer($0), to: file, path: path) }
  }
}

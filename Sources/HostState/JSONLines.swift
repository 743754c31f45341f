internal import FileOperations
internal import Glibc

/// A file of one JSON document a line, for root alone. A line is durable before anything follows from it, and what a crash
/// has torn is no line.
struct JSONLines {
  let path: String

  /// Adds a line; it is durable on return.
  ///
  /// - Parameters:
  ///   - creates: whether the file is made where it does not exist; else that is an error.
  ///   - once: whether nothing is added where the last line is this one already.
  func append(_ value: some Encodable, creates: Bool = false, once: Bool = false) throws {
    let line = try JSON.line(value)
    let flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | (creates ? O_CREAT : 0)
    let file = Int32(try Files.check("open", path) { Int(open(path, flags, 0o600)) })
    defer { close(file) }
    if once, try Files.lastLine(of: file, path: path) == line { return }
    try Files.appendLines(line, to: file, path: path)
    // Its name too, where the file is new.
    if creates { try Files.syncFolder(of: path) }
  }

  /// The whole lines but for empty ones; `nil` where there is no file, or not one line in it has an end.
  func read() throws -> [ArraySlice<UInt8>]? {
    guard let bytes = try Files.readIfPresent(path), let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else {
      return nil
    }
    return bytes[..<end].split(separator: UInt8(ascii: "\n"))
  }
}

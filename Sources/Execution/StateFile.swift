internal import Glibc

/// A short text in a file that is whole or not there, whatever dies when.
struct StateFile: Sendable {
  let path: String

  /// The text; nil when there is no file, or an empty one.
  func read() throws(StateFileError) -> String? {
    guard let file = fopen(path, "re") else {
      let code = errno
      if code == ENOENT { return nil }
      throw StateFileError(path: path, deed: "read", code: code)
    }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = fread(&bytes, 1, bytes.count, file)
    guard ferror(file) == 0 else { throw StateFileError(path: path, deed: "read", code: errno) }
    let text = String(decoding: bytes.prefix(count), as: UTF8.self).filter { !$0.isWhitespace }
    return text.isEmpty ? nil : text
  }

  /// Written beside its place, fsynced, then renamed.
  func write(_ text: String) throws(StateFileError) {
    let staged = path + ".new"
    guard let file = fopen(staged, "we") else { throw StateFileError(path: staged, deed: "write", code: errno) }
    let isWritten = fputs(text + "\n", file) >= 0 && fflush(file) == 0 && fsync(fileno(file)) == 0
    let code = errno
    fclose(file)
    guard isWritten else { throw StateFileError(path: staged, deed: "write", code: code) }
    guard rename(staged, path) == 0 else { throw StateFileError(path: path, deed: "replace", code: errno) }
  }
}

/// A file of the service's own state could not be used.
public struct StateFileError: Error, Sendable, Hashable, CustomStringConvertible {
  let path: String
  let deed: String
  let code: Int32

  public var description: String {
    "cannot \(deed) '\(path)': \(String(cString: strerror(code))); is it in the state directory of this user?"
  }
}

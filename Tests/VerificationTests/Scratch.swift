import Glibc

/// A folder for one test, gone after it.
enum Scratch {
  struct Failure: Error {
    let what: String
    let code: Int32
  }

  static func with<Result>(
    isolation: isolated (any Actor)? = #isolation, _ body: (String) async throws -> Result
  ) async throws -> Result {
    let folder = try make()
    defer { remove(folder) }
    return try await body(folder)
  }

  static func with<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = try make()
    defer { remove(folder) }
    return try body(folder)
  }

  static func write(_ text: String, to path: String, appending: Bool = false) throws {
    guard let file = fopen(path, appending ? "a" : "w") else { throw Failure(what: path, code: errno) }
    fputs(text, file)
    fclose(file)
  }

  /// The first line of a file.
  static func read(_ path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var buffer = [CChar](repeating: 0, count: 4096)
    guard fgets(&buffer, Int32(buffer.count), file) != nil else { return nil }
    return String(decoding: buffer.prefix { $0 != 0 && $0 != 10 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Whether a process has ended and waits for its parent to notice.
  static func isZombie(_ pid: pid_t) -> Bool {
    read("/proc/\(pid)/stat")?.contains(") Z ") == true
  }

  private static func make() throws -> String {
    var template = Array("/tmp/qtctl-verification-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure(what: "mkdtemp", code: errno) }
    return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// The tests make no folders within it.
  private static func remove(_ folder: String) {
    if let entries = opendir(folder) {
      while let entry = readdir(entries) {
        let name = withUnsafePointer(to: entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != ".", name != ".." { unlink(folder + "/" + name) }
      }
      closedir(entries)
    }
    rmdir(folder)
  }
}

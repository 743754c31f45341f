import Basics
import Glibc
import Testing

/// Plain file operations for tests, apart from those under test.
enum TestFiles {
  static func write(_ text: String, to path: String) throws { try write(bytes: Array(text.utf8), to: path) }

  static func write(bytes: [UInt8], to path: String) throws {
    let folder = path.split(separator: "/").dropLast()
    for count in folder.indices.map({ $0 + 1 }) {
      mkdir(FileName.cString("/" + folder.prefix(count).joined(separator: "/")), 0o755)
    }
    let file = try #require(fopen(FileName.cString(path), "w"), "cannot write \(path)")
    // Zero bytes included.
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
  }

  static func read(_ path: String) throws -> String {
    let file = try #require(fopen(FileName.cString(path), "r"), "cannot read \(path)")
    defer { fclose(file) }
    var text: [UInt8] = []
    while case let byte = fgetc(file), byte != EOF { text.append(UInt8(byte)) }
    return String(decoding: text, as: UTF8.self)
  }

  static func exists(_ path: String) -> Bool { access(FileName.cString(path), F_OK) == 0 }

  static func facts(_ path: String) throws -> stat {
    var facts = stat()
    try #require(lstat(FileName.cString(path), &facts) == 0, "no \(path)")
    return facts
  }

  static func names(_ folder: String) -> [String] {
    guard let stream = opendir(FileName.cString(folder)) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { FileName.text(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Path → mode, owner and content, of all below a folder, hidden files included.
  static func snapshot(_ folder: String) throws -> [String: String] {
    var all: [String: String] = [:]
    for name in names(folder) {
      let path = folder + "/" + name
      let state = try facts(path)
      let isFolder = state.st_mode & S_IFMT == S_IFDIR
      all[path] = "\(String(state.st_mode, radix: 8)) \(state.st_uid) \(isFolder ? "" : try read(path))"
      if isFolder { all.merge(try snapshot(path)) { first, _ in first } }
    }
    return all
  }

  static func removeTree(_ path: String) {
    for name in names(path) { removeTree(path + "/" + name) }
    remove(path)
  }

  /// Every plain file below a folder.
  static func files(below folder: String) throws -> [String] {
    try names(folder).flatMap { name in
      let path = folder + "/" + name
      return try facts(path).st_mode & S_IFMT == S_IFDIR ? files(below: path) : [path]
    }
  }

  /// Turns one bit of a file's first byte.
  static func flipBit(_ path: String) throws {
    let file = open(path, O_RDWR)
    try #require(file >= 0)
    defer { close(file) }
    var byte: UInt8 = 0
    pread(file, &byte, 1, 0)
    byte ^= 1
    pwrite(file, &byte, 1, 0)
  }
}

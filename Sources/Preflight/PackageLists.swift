internal import Basics
internal import FileOperations
internal import Glibc

/// The lists of the files that Debian packages have brought (`/var/lib/dpkg/info/*.list`): one path a line.
///
/// They are dpkg's own, and so only their silence is taken for an answer: where one of them names a path, or they are not
/// as they are known to be, dpkg itself is asked.
package struct PackageLists: Sendable {
  private let folder: String
  private let isMoved: Bool

  /// - Parameters:
  ///   - folder: where they are.
  ///   - isMoved: whether dpkg is told to keep them elsewhere (dpkg-query(1)).
  package init(in folder: String = "/var/lib/dpkg/info", isMoved: Bool = Self.isMovedByEnvironment) {
    self.folder = folder
    self.isMoved = isMoved
  }

  package static var isMovedByEnvironment: Bool {
    getenv("DPKG_ADMINDIR") != nil || getenv("DPKG_ROOT") != nil
  }

  /// Whether one of the paths may belong to a package; false only where no list names any of them.
  package func mayName(anyOf paths: [String]) -> Bool {
    guard !paths.isEmpty else { return false }
    guard !isMoved, isKnownFormat, let names = try? Files.names(in: folder) else { return true }
    let wanted = Wanted(paths)
    return Parallel.map(names.filter { $0.hasSuffix(".list") }, with: { ListReader() }) { reader, name in
      // One that cannot be read may name them all.
      guard let bytes = reader.read(folder + "/" + name) else { return true }
      return wanted.isNamed(in: bytes)
    }.contains(true)
  }

  /// Whether dpkg says that its lists are as they have been since 2011.
  private var isKnownFormat: Bool {
    guard let bytes = try? Files.read(folder + "/format") else { return false }
    return String(decoding: bytes, as: UTF8.self) == "1\n"
  }
}

/// Reads files one after the other, most of them small, with as few calls as there can be: a host has a thousand.
private struct ListReader {
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)

  /// The whole file; `nil` where it cannot be read.
  mutating func read(_ path: String) -> ArraySlice<UInt8>? {
    let file = open(FileName.cString(path), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var size = 0
    while true {
      let (start, room) = (size, buffer.count - size)
      let count = buffer.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress?.advanced(by: start), room) }
      if count == 0 { return buffer.prefix(size) }
      guard count > 0 else { return nil }
      size += count
      if size == buffer.count { buffer += [UInt8](repeating: 0, count: buffer.count) }
    }
  }
}

/// Paths that are looked for among lines.
private struct Wanted: Sendable {
  private let paths: Set<ArraySlice<UInt8>>
  /// Of a path of that many bytes, its last one; most lines need not be looked at any further.
  private let ends: [Int: Set<UInt8>]
  private let longest: Int

  init(_ paths: [String]) {
    let all = paths.map { FileName.bytes($0)[...] }
    self.paths = Set(all)
    ends = Dictionary(grouping: all.filter { !$0.isEmpty }, by: \.count).mapValues { Set($0.compactMap(\.last)) }
    longest = all.map(\.count).max() ?? 0
  }

  func isNamed(in bytes: ArraySlice<UInt8>) -> Bool {
    var isLength = [Bool](repeating: false, count: longest + 1)
    for length in ends.keys { isLength[length] = true }
    var place = 0
    while place < bytes.count {
      let length = Self.lineLength(in: bytes, from: place)
      if length > 0, length <= longest, isLength[length] {
        let line = bytes[place..<place + length]
        if let last = line.last, ends[length]?.contains(last) ?? false, paths.contains(line) { return true }
      }
      place += length + 1
    }
    return false
  }

  private static func lineLength(in bytes: ArraySlice<UInt8>, from place: Int) -> Int {
    bytes.withUnsafeBytes { buffer in
      guard let start = buffer.baseAddress?.advanced(by: place) else { return 0 }
      let left = buffer.count - place
      guard let end = memchr(start, 10, left) else { return left }
      return UnsafeRawPointer(end) - start
    }
  }
}

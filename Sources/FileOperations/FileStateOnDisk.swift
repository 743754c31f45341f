internal import CLinux
internal import Crypto
package import Deployment
internal import Glibc
internal import SystemPackage

extension FileState {
  /// What stands at `path`, content digest included. A symlink is itself, never what it points to.
  package static func read(_ path: String) throws -> FileState {
    var state = try peek(path)
    switch state.type {
    case .file: state.sha256 = try Digest.file(path)
    case .symlink: state.link = try target(ofLink: path)
    case .absent, .directory, .other: break
    }
    return state
  }

  /// What stands at `path`, without reading its content.
  package static func peek(_ path: String) throws(FileError) -> FileState {
    var facts = stat()
    guard lstat(path, &facts) == 0 else {
      let number = Errno(rawValue: Glibc.errno)
      if number == .noSuchFileOrDirectory || number == .notDirectory { return .absent }
      throw FileError(operation: "look at", path: path, errno: number)
    }
    var state = FileState(kind(facts.st_mode))
    if state.type == .file { state.size = Int(facts.st_size) }
    state.mode = facts.st_mode & 0o7777
    state.owner = facts.st_uid
    state.group = facts.st_gid
    state.mtime = Int(facts.st_mtim.tv_sec) * 1_000_000_000 + Int(facts.st_mtim.tv_nsec)
    if state.type == .file {
      let attributes = try ExtendedAttributes.read(path)
      if !attributes.isEmpty { state.xattrs = attributes }
    }
    return state
  }

  private static func kind(_ mode: mode_t) -> Kind {
    switch mode & S_IFMT {
    case S_IFREG: .file
    case S_IFLNK: .symlink
    case S_IFDIR: .directory
    default: .other
    }
  }

  private static func target(ofLink path: String) throws(FileError) -> String {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = try Files.check("read link", path) { readlink(path, &buffer, buffer.count) }
    return String(decoding: buffer[..<count], as: UTF8.self)
  }
}

/// Extended attributes by name, values in lower-case hex. ACLs and file capabilities are among them.
package enum ExtendedAttributes {
  package static func read(_ path: String) throws(FileError) -> [String: String] {
    let length: Int
    do {
      length = try Files.check("list the attributes of", path) { llistxattr(path, nil, 0) }
    } catch  where error.errno == .notSupported {
      return [:]
    }
    guard length > 0 else { return [:] }
    var list = [CChar](repeating: 0, count: length)
    let used = try Files.check("list the attributes of", path) { llistxattr(path, &list, list.count) }
    var attributes: [String: String] = [:]
    for name in list[..<used].split(separator: 0) {
      let name = String(decoding: name.map(UInt8.init(bitPattern:)), as: UTF8.self)
      let size = try Files.check("read attribute \(name) of", path) { lgetxattr(path, name, nil, 0) }
      var value = [UInt8](repeating: 0, count: size)
      let read = try Files.check("read attribute \(name) of", path) { lgetxattr(path, name, &value, value.count) }
      attributes[name] = Digest.hex(value[..<read])
    }
    return attributes
  }

  /// Sets attributes on an open file; names are those of a file that was read.
  package static func write(_ attributes: [String: String], to file: Int32, path: String) throws(FileError) {
    for (name, hex) in attributes.sorted(by: { $0.key < $1.key }) {
      let value = Digest.bytes(hex: hex)
      try Files.check("set attribute \(name) of", path) { Int(fsetxattr(file, name, value, value.count, 0)) }
    }
  }
}

/// SHA-256, in lower-case hex.
package enum Digest {
  package static func file(_ path: String) throws -> String {
    var hash = SHA256()
    try Files.forEachChunk(of: path) { hash.update(bufferPointer: $0) }
    return hex(hash.finalize())
  }

  package static func bytes(_ bytes: [UInt8]) -> String { hex(SHA256.hash(data: bytes)) }

  package static func hex(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes of a hex text; what is no hex digit ends it.
  package static func bytes(hex: String) -> [UInt8] {
    let digits = hex.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
    return stride(from: 0, to: digits.count - 1, by: 2).compactMap { place in
      guard let high = digits[place], let low = digits[place + 1] else { return nil }
      return UInt8(high << 4 | low)
    }
  }
}

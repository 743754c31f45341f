internal import Basics
internal import Crypto
internal import FileOperations
internal import Glibc
internal import SystemPackage

/// A file of what holds until the next boot: a line that says what it is, the era, a body, and the SHA-256 of all that. It is
/// root's alone and is replaced as a whole; what is torn, of others, of another era or of another version of qtctl counts as
/// empty.
struct SealedFile {
  let path: String
  /// Of 16 bytes.
  let title: [UInt8]
  /// Of a body that is believed, in bytes.
  let longest: Int

  static let titleLength = 16
  private static let headLength = titleLength + Era.bootLength + 8

  init(_ path: String, title: String, longest: Int) {
    (self.path, self.title, self.longest) = (path, Array(title.utf8), longest)
  }

  /// Whether only root decides what is at its path.
  var isOfRoot: Bool {
    let folder = Files.parent(of: path)
    return Files.exists(folder) && PathTrust.root.fault(of: folder) == nil
  }

  /// - Returns: `nil` where nothing is known of this era.
  func body(of era: Era) -> ArraySlice<UInt8>? {
    guard let bytes = content(), bytes.count >= Self.headLength + SHA256.byteCount else { return nil }
    let sealed = bytes.dropLast(SHA256.byteCount)
    guard sealed.starts(with: title), SHA256.hash(data: sealed).elementsEqual(bytes.suffix(SHA256.byteCount)) else {
      return nil
    }
    let head = sealed.dropFirst(title.count)
    let boot = String(decoding: head.prefix(Era.bootLength), as: UTF8.self)
    let clock = head.dropFirst(Era.bootLength).withUnsafeBytes {
      Int64(littleEndian: $0.loadUnaligned(as: Int64.self))
    }
    return era.isSame(Era(boot: boot, clock: clock)) ? sealed.dropFirst(Self.headLength) : nil
  }

  /// The whole file where it is root's alone, and no longer than one that was written here.
  private func content() -> [UInt8]? {
    let file = open(FileName.cString(path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var facts = stat()
    guard fstat(file, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG, facts.st_uid == 0, facts.st_mode & 0o077 == 0,
      facts.st_size <= Self.headLength + longest + SHA256.byteCount  // trap: these are constants
    else { return nil }
    let size = Int(facts.st_size)
    return try? [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer).dropFirst(count))
        let read = try Files.check("read", path) { Glibc.read(file, rest.baseAddress, rest.count) }
        if read == 0 { return }
        count += read
      }
    }
  }

  /// Not durable: after a crash it is of another era. What cannot be written is learned again.
  func write(_ body: [UInt8], of era: Era) {
    guard body.count <= longest else { return }
    var bytes = title
    bytes += era.boot.utf8
    withUnsafeBytes(of: era.clock.littleEndian) { bytes.append(contentsOf: $0) }
    bytes += body
    bytes += SHA256.hash(data: bytes)
    do {
      let target = try FileLocation(own: path)
      let staged = target.staged
      try staged.create(mode: 0o600, syncs: false) { file in
        try bytes.withUnsafeBytes { try Files.writeAll($0, to: file, path: staged.path) }
      }
      do { try staged.move(to: target) } catch { try? staged.remove() }
    } catch {
      return
    }
  }
}

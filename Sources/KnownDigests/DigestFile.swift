internal import Basics
internal import Crypto
internal import FileOperations
internal import Glibc
internal import SystemPackage

/// The file that digests are kept in: a line that says what it is, the era, an entry of 100 bytes for each file, and the
/// SHA-256 of all that. Numbers are little-endian. It is replaced as a whole; what is torn, of others, of another era or of
/// another version of qtctl counts as empty.
enum DigestFile {
  /// About 25 MB.
  static let mostEntries = 250_000

  private static let title = Array("qtctl digests 1\n".utf8)
  private static let headLength = 16 + Era.bootLength + 8
  private static let entryLength = 100

  static func read(_ path: String, of era: Era) -> [FileFacts.Identity: KnownDigests.Entry] {
    guard let bytes = content(path), bytes.count >= headLength + SHA256.byteCount else { return [:] }
    let body = bytes.dropLast(SHA256.byteCount)
    guard body.starts(with: title), (body.count - headLength) % entryLength == 0,
      SHA256.hash(data: body).elementsEqual(bytes.suffix(SHA256.byteCount))
    else { return [:] }
    let boot = String(decoding: body.dropFirst(title.count).prefix(Era.bootLength), as: UTF8.self)
    var entries: [FileFacts.Identity: KnownDigests.Entry] = [:]
    body.withUnsafeBytes { bytes in
      var reader = Reader(bytes: bytes, place: title.count + Era.bootLength)
      guard era.isSame(Era(boot: boot, clock: reader.next())) else { return }
      let count = (bytes.count - headLength) / entryLength
      entries.reserveCapacity(count)
      for _ in 0..<count {
        let entry = reader.entry()
        entries[entry.facts.identity] = entry
      }
    }
    return entries
  }

  /// The whole file where it is root's alone, and no longer than one that was written here.
  private static func content(_ path: String) -> [UInt8]? {
    let file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var facts = stat()
    guard fstat(file, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG, facts.st_uid == 0, facts.st_mode & 0o077 == 0,
      facts.st_size <= headLength + mostEntries * entryLength + SHA256.byteCount  // trap: these are constants
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

  /// Not durable: after a crash it is of another era.
  static func write(_ entries: [KnownDigests.Entry], of era: Era, to path: String) {
    var bytes = title
    bytes.reserveCapacity(headLength + entries.count.multipliedSaturated(by: entryLength) + SHA256.byteCount)
    bytes += era.boot.utf8
    append(era.clock, to: &bytes)
    for entry in entries { append(entry, to: &bytes) }
    bytes += SHA256.hash(data: bytes)
    do {
      let target = try FileLocation(own: path)
      let staged = target.staged
      try staged.create(mode: 0o600, syncs: false) { file in
        try bytes.withUnsafeBytes { try Files.writeAll($0, to: file, path: staged.path) }
      }
      do { try staged.move(to: target) } catch { try? staged.remove() }
    } catch {
      // What is not kept is read again.
      return
    }
  }

  private static func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }

  private static func append(_ entry: KnownDigests.Entry, to bytes: inout [UInt8]) {
    let facts = entry.facts
    for number in [facts.identity.mount, facts.identity.device, facts.identity.inode, facts.size] {
      append(number, to: &bytes)
    }
    for moment in [facts.changed, facts.modified, facts.born] {
      append(moment.seconds, to: &bytes)
      append(moment.nanoseconds, to: &bytes)
    }
    for index in entry.digest.words.indices { append(entry.digest.words[index], to: &bytes) }
  }

  /// Goes through bytes whose number was checked.
  private struct Reader {
    let bytes: UnsafeRawBufferPointer
    var place: Int

    mutating func next<Number: FixedWidthInteger>() -> Number {
      defer { place += MemoryLayout<Number>.size }
      return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: Number.self))
    }

    mutating func moment() -> FileFacts.Moment { FileFacts.Moment(next(), next()) }

    mutating func entry() -> KnownDigests.Entry {
      let identity = FileFacts.Identity(mount: next(), device: next(), inode: next())
      let facts = FileFacts(identity: identity, size: next(), changed: moment(), modified: moment(), born: moment())
      return KnownDigests.Entry(facts: facts, digest: RawDigest(words: SIMD4(next(), next(), next(), next())))
    }
  }
}

internal import Basics
internal import FileOperations

/// The file that digests are kept in: an entry of 100 bytes for each file. Numbers are little-endian.
enum DigestFile {
  /// About 25 MB.
  static let mostEntries = 250_000

  private static let entryLength = 100

  /// Where they are kept.
  static func file(_ path: String) -> SealedFile {
    SealedFile(path, title: "qtctl digests 1\n", longest: mostEntries * entryLength)  // trap: these are constants
  }

  static func read(_ path: String, of era: Era) -> [FileFacts.Identity: KnownDigests.Entry] {
    guard let body = file(path).body(of: era), body.count % entryLength == 0 else { return [:] }
    var entries: [FileFacts.Identity: KnownDigests.Entry] = [:]
    body.withUnsafeBytes { bytes in
      var reader = Reader(bytes: bytes, place: 0)
      let count = bytes.count / entryLength
      entries.reserveCapacity(count)
      for _ in 0..<count {
        let entry = reader.entry()
        entries[entry.facts.identity] = entry
      }
    }
    return entries
  }

  static func write(_ entries: [KnownDigests.Entry], of era: Era, to path: String) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(entries.count.multipliedSaturated(by: entryLength))
    for entry in entries { append(entry, to: &bytes) }
    file(path).write(bytes, of: era)
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

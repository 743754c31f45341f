internal import Basics
internal import Deployment
internal import FileOperations
internal import KnownDigests

/// What a list shows of whole backups, each with a picture of its folder: while the folder looks like that, the backup is as
/// it was when it was looked at (docs/decisions/0124-a-list-that-looks-at-what-changed.md).
struct BackupIndex: Sendable {
  struct Entry: Sendable, Hashable {
    var names: FolderNames
    /// `FolderPicture.digest`
    var picture: [UInt8]
    var summary: BackupSummary
    var pinned: Bool
  }

  var entries: [Stamp: Entry] = [:]

  init(_ entries: [Stamp: Entry] = [:]) { self.entries = entries }

  // MARK: - As bytes

  /// The names that many backups share, the texts of all, and an entry of the same length for each backup. Numbers are
  /// little-endian.
  ///
  /// - Returns: `nil` where it is no index, or one that is broken.
  init?(_ bytes: ArraySlice<UInt8>) {
    var reader = Reader(rest: bytes)
    do {
      let names = try (0..<reader.count()).map { _ in try reader.names() }
      let texts = try (0..<reader.count()).map { _ in String(decoding: try reader.bytes(reader.count()), as: UTF8.self)
      }
      let count = try reader.count()
      entries.reserveCapacity(min(count, bytes.count / FolderPicture.digestLength))
      for _ in 0..<count {
        let stamp = Stamp(seconds: Int(try reader.number()), ordinal: Int(try reader.number()))
        entries[stamp] = try reader.entry(names, texts)
      }
      guard reader.rest.isEmpty else { return nil }
    } catch {
      return nil
    }
  }

  var bytes: [UInt8] {
    var (names, texts, own) = (Table<FolderNames>(), Table<String>(), [UInt8]())
    for (stamp, entry) in entries {
      let summary = entry.summary
      Self.append(stamp.seconds, to: &own)
      Self.append(stamp.ordinal, to: &own)
      Self.append(names.place(of: entry.names), to: &own)
      own += entry.picture
      for text in [summary.name, summary.reason, summary.release?.digest, summary.release?.version] {
        Self.append(text.map { texts.place(of: $0) } ?? -1, to: &own)
      }
      Self.append((summary.verified ? 1 : 0) + (entry.pinned ? 2 : 0), to: &own)
      Self.append(summary.files, to: &own)
      Self.append(summary.bytes, to: &own)
    }
    var bytes: [UInt8] = []
    Self.append(names.values.count, to: &bytes)
    for names in names.values {
      for number in [names.count, names.closely, names.bytes.count] { Self.append(number, to: &bytes) }
      bytes += names.bytes
    }
    Self.append(texts.values.count, to: &bytes)
    for text in texts.values {
      Self.append(text.utf8.count, to: &bytes)
      bytes += text.utf8
    }
    Self.append(entries.count, to: &bytes)
    return bytes + own
  }

  private static func append(_ number: Int, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: Int64(number).littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// Values by the order in which they came, each once.
  private struct Table<Value: Hashable> {
    var values: [Value] = []
    private var places: [Value: Int] = [:]

    mutating func place(of value: Value) -> Int {
      if let known = places[value] { return known }
      places[value] = values.count
      values.append(value)
      return values.count - 1
    }
  }

  private struct Broken: Error {}

  private struct Reader {
    var rest: ArraySlice<UInt8>

    mutating func number() throws -> Int64 {
      guard rest.count >= 8 else { throw Broken() }
      defer { rest = rest.dropFirst(8) }
      return rest.withUnsafeBytes { Int64(littleEndian: $0.loadUnaligned(as: Int64.self)) }
    }

    /// Of things that follow, each of a byte at least.
    mutating func count() throws -> Int {
      let number = try number()
      guard number >= 0, number <= rest.count else { throw Broken() }
      return Int(number)
    }

    mutating func bytes(_ count: Int) throws -> ArraySlice<UInt8> {
      guard count <= rest.count else { throw Broken() }
      defer { rest = rest.dropFirst(count) }
      return rest.prefix(count)
    }

    mutating func names() throws -> FolderNames {
      let (count, closely, length) = (try count(), try count(), try count())
      guard let names = FolderNames(bytes: Array(try bytes(length)), count: count, closely: closely) else {
        throw Broken()
      }
      return names
    }

    /// - Returns: `nil` for what is not there, as some things need not be.
    mutating func one<Value>(of values: [Value]) throws -> Value? {
      let number = try number()
      guard number != -1 else { return nil }
      guard number >= 0, number < values.count else { throw Broken() }
      return values[Int(number)]  // trap: within them
    }

    mutating func entry(_ names: [FolderNames], _ texts: [String]) throws -> Entry {
      guard let names = try one(of: names) else { throw Broken() }
      let picture = Array(try bytes(FolderPicture.digestLength))
      guard let name = try one(of: texts), let reason = try one(of: texts) else { throw Broken() }
      let (digest, version) = (try one(of: texts), try one(of: texts))
      let (flags, files, size) = (try number(), Int(try number()), Int(try number()))
      let summary = BackupSummary(
        name: name, release: digest.map { ReleaseIdentity(version: version, digest: $0) }, verified: flags & 1 != 0,
        reason: reason, files: files, bytes: size)
      return Entry(names: names, picture: picture, summary: summary, pinned: flags & 2 != 0)
    }
  }
}

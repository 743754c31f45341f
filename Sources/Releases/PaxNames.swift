internal import Basics
internal import CLibArchive
internal import Deployment
internal import Glibc

/// Whether libarchive gives the names of an archive as they were packed.
///
/// POSIX's format (pax) holds names in UTF-8, in a header of their own, and libarchive composes the accents of those: a file
/// would be deployed under another name than it was packed with. It does not say so, and has no option against it, so the
/// headers are looked at here; all else of an archive is libarchive's. Sources: libarchive 3.6.2, `create_sconv_object`; tar(5).
struct PaxNames {
  private static let block = 512
  /// Bytes of a header that holds two names of 1,024 bytes, and more than libarchive reads of it.
  private static let mostOfHeader = 1 << 20

  private let archive: OpaquePointer
  private let path: String
  private let deadline: ContinuousClock.Instant

  /// - Parameter file: the archive; how far it was read does not change.
  /// - Throws: `Refusal` where a name would be another one.
  static func prove(_ file: Int32, path: String, deadline: ContinuousClock.Instant) throws {
    // Opened once more: duplicates of a descriptor share the place that is read.
    let again = open("/proc/self/fd/\(file)", O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard again >= 0, let archive = archive_read_new() else {
      if again >= 0 { close(again) }
      throw Refusal(["the archive '\(path)' cannot be read again: \(String(cString: strerror(errno)))"])
    }
    defer {
      archive_read_free(archive)
      close(again)
    }
    // What the filters give, as it is.
    for call in [archive_read_support_format_raw, archive_read_support_filter_gzip, archive_read_support_filter_zstd] {
      guard call(archive) == ARCHIVE_OK else { return }
    }
    var entry: OpaquePointer?
    guard archive_read_open_fd(archive, again, 1 << 16) == ARCHIVE_OK,
      archive_read_next_header(archive, &entry) == ARCHIVE_OK
    else { return }
    try PaxNames(archive: archive, path: path, deadline: deadline).goThrough()
  }

  /// From header to header. What is no header ends it: libarchive says what is wrong with such an archive.
  private func goThrough() throws {
    var stated: Int?
    while let header = try read(Self.block), Self.isHeader(header), let size = Self.size(of: header) {
      let type = Character(Unicode.Scalar(header[156]))  // trap: a block
      switch type {
      case "x", "X":
        guard size <= Self.mostOfHeader, let body = try read(Self.padded(size)) else { return }
        let records = Self.records(body.prefix(size))
        try judge(records)
        stated = records["size"].flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? stated
      // Links, devices, folders and pipes have no content.
      case "1"..."6": stated = nil
      default:
        // An old sparse file has more blocks of header.
        var continues = type == "S" && header[482] != 0  // trap: a block
        while continues {
          guard let more = try read(Self.block) else { return }
          continues = more[504] != 0  // trap: a block
        }
        let content = "Lg".contains(type) || type == "K" ? size : stated ?? size
        if !"LKg".contains(type) { stated = nil }
        guard content >= 0, try skip(Self.padded(content)) else { return }
      }
    }
  }

  private func judge(_ records: [String: [UInt8]]) throws {
    guard records["hdrcharset"] != Array("BINARY".utf8) else { return }
    for name in [records["path"], records["linkpath"]].compactMap(\.self) {
      guard !FileName.text(name).utf8.elementsEqual(name) else { continue }
      throw Refusal([
        "the archive '\(path)' holds the name '\(Printable.line(FileName.text(name)))', which its format (pax) does not "
          + "keep as it is; pack it with: tar --format=gnu"
      ])
    }
  }

  /// The records of an extended header, `LENGTH KEY=VALUE` and a newline each.
  static func records(_ body: some Collection<UInt8>) -> [String: [UInt8]] {
    var records: [String: [UInt8]] = [:]
    var rest = Array(body)[...]
    while let space = rest.firstIndex(of: UInt8(ascii: " ")),
      let length = Int(String(decoding: rest[..<space], as: UTF8.self)), length > space - rest.startIndex + 1,
      length <= rest.count
    {
      let record = rest[rest.index(after: space)..<(rest.startIndex + length - 1)]
      if let mark = record.firstIndex(of: UInt8(ascii: "=")) {
        records[String(decoding: record[..<mark], as: UTF8.self)] = Array(record[record.index(after: mark)...])
      }
      rest = rest.dropFirst(length)
    }
    return records
  }

  /// Whether its checksum is right: the sum of its bytes, those of the checksum itself taken as spaces.
  private static func isHeader(_ block: [UInt8]) -> Bool {
    let place = 148..<156
    let sum = block.enumerated().reduce(0) { sum, byte in sum + (place ~= byte.offset ? 32 : Int(byte.element)) }
    return octal(block[place]) == sum
  }

  /// Of the content that follows; in octal digits, or where the first bit is set, in binary ones.
  static func size(of header: [UInt8]) -> Int? {
    let field = header[124..<136]
    guard let first = field.first, first & 0x80 != 0 else { return octal(field) }
    // More than 62 bits are no size that is taken.
    guard first == 0x80, field.dropFirst().prefix(3).allSatisfy({ $0 == 0 }), (field.dropFirst(4).first ?? 0) < 0x40
    else { return nil }
    return field.dropFirst(4).reduce(0) { $0 << 8 | Int($1) }
  }

  private static func octal(_ field: some Collection<UInt8>) -> Int? {
    let digits = field.drop { $0 == UInt8(ascii: " ") }.prefix { $0 != 0 && $0 != UInt8(ascii: " ") }
    return digits.isEmpty ? 0 : Int(String(decoding: digits, as: UTF8.self), radix: 8)
  }

  private static func padded(_ size: Int) -> Int {
    size > Int.max - block ? Int.max : (size + block - 1) / block * block
  }

  /// - Returns: `nil` where less is left.
  private func read(_ count: Int) throws -> [UInt8]? {
    guard ContinuousClock.now < deadline else {
      throw ArchiveReader.late(path)
    }
    var bytes = [UInt8](repeating: 0, count: count)
    let got = bytes.withUnsafeMutableBytes { archive_read_data(archive, $0.baseAddress, count) }
    return got == count ? bytes : nil
  }

  private func skip(_ count: Int) throws -> Bool {
    var rest = count
    while rest > 0 {
      let part = min(rest, 1 << 20)
      guard try read(part) != nil else { return false }
      rest -= part
    }
    return true
  }
}

import FoundationEssentials
import Glibc
import Testing

/// A copy of the machine's journal in which a query may find fewer entries than there are.
///
/// journald counts a new entry in the file's header before it adds it to the entries of each of its fields.
struct TornJournal {
  let path: String
  private let file: String
  /// Where the number of entries stands that have the field.
  private let place: Int

  /// - Parameter field: `NAME=value`, short and in no other entries.
  init(about field: String) throws {
    path = "/run/qtctl-test-\(TestUnit.unique())"
    file = path + "/system.journal"
    let journals = ["/run/log/journal", "/var/log/journal"].flatMap { folder in
      ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).map { "\(folder)/\($0)/system.journal" }
    }
    let journal = try #require(journals.first { access($0, R_OK) == 0 })
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    try FileManager.default.copyItem(atPath: journal, toPath: file)
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: file)))
    let text = Array(field.utf8)
    // In a data object the number of entries is 8 bytes before the payload, or 16 where the file's flag 16 says that it is
    // compact (systemd.io/JOURNAL_FILE_FORMAT, "Data Objects").
    let beforePayload = bytes[12] & 16 == 0 ? 8 : 16
    let payload = try #require(
      bytes.indices.dropLast(text.count).first { start in
        bytes[start] == text[0] && bytes[start..<start + text.count].elementsEqual(text)
      })
    place = payload - beforePayload
    guard bytes[place] == 2 else { throw CocoaError(.fileReadCorruptFile) }
  }

  func setFound(_ count: UInt8) throws {
    let descriptor = open(file, O_WRONLY)
    defer { close(descriptor) }
    guard pwrite(descriptor, [count], 1, off_t(place)) == 1 else {
      throw CocoaError(.fileWriteUnknown)
    }
  }

  func remove() { try? FileManager.default.removeItem(atPath: path) }
}

internal import Basics
package import FileOperations

/// What was learned of folders and is still so, by folder and in bytes that only who keeps them reads.
///
/// As of files whose digests are known (docs/decisions/0100-when-a-file-is-not-read-again.md): a saving, and no record.
package struct KnownFolders: Sendable {
  /// Where nothing is known and nothing is kept.
  package static let none = KnownFolders(in: nil, during: nil)

  private let file: SealedFile?
  private let era: Era?

  /// - Parameter folder: of root alone, where it is kept; where it is not that, nothing is.
  package init(in folder: String) {
    self.init(in: folder, during: Caller.isRoot ? Era.now : nil)
  }

  init(in folder: String?, during era: Era?) {
    file = era == nil ? nil : folder.map { SealedFile($0 + "/folders", title: "qtctl folders 1\n", longest: 64 << 20) }
    self.era = era
  }

  package var keepsAnything: Bool { file != nil }

  /// Whether what has this latest time can change only so that it gets a later one; to be asked with the time at which
  /// looking began.
  package static func isSettled(_ latest: FileFacts.Moment, since begun: FileFacts.Moment) -> Bool {
    latest.isClearlyBefore(begun)
  }

  /// What was kept of a folder in this era.
  package func kept(of folder: FileFacts.Identity) -> ArraySlice<UInt8>? {
    sections().first { $0.key == folder }?.value
  }

  /// Keeps it for the next commands, beside what is known of other folders. Never fails: what cannot be kept is learned again.
  package func keep(_ bytes: [UInt8], of folder: FileFacts.Identity) {
    guard let file, let era, Era.now.map(era.isSame) == true, file.isOfRoot else { return }
    var body: [UInt8] = []
    let others = sections().filter { $0.key != folder }.prefix(Self.mostOthers)
    for (key, value) in [(folder, bytes[...])] + others {
      guard body.count + value.count + Self.headLength <= file.longest else { break }
      for number in [key.mount, key.device, key.inode, UInt64(value.count)] {
        withUnsafeBytes(of: number.littleEndian) { body.append(contentsOf: $0) }
      }
      body += value
    }
    file.write(body, of: era)
  }

  private static let mostOthers = 15
  private static let headLength = 32

  private func sections() -> [(key: FileFacts.Identity, value: ArraySlice<UInt8>)] {
    guard let file, let era, file.isOfRoot, var rest = file.body(of: era) else { return [] }
    var sections: [(key: FileFacts.Identity, value: ArraySlice<UInt8>)] = []
    while rest.count >= Self.headLength {
      let numbers = rest.withUnsafeBytes { bytes in
        (0..<4).map { UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self)) }
      }
      rest = rest.dropFirst(Self.headLength)
      // trap: four of them
      guard let length = Int(exactly: numbers[3]), length <= rest.count else { return [] }
      // trap: four of them
      let key = FileFacts.Identity(mount: numbers[0], device: numbers[1], inode: numbers[2])
      sections.append((key, rest.prefix(length)))
      rest = rest.dropFirst(length)
    }
    return sections
  }
}

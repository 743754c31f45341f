package import FileOperations
internal import Synchronization

/// Digests of files that qtctl has read before: a file whose facts are the same is not read again.
///
/// What it says is as certain as reading (docs/decisions/0100-when-a-file-is-not-read-again.md), else it reads. Nothing
/// about the file that it is kept in is ever an error: it is a saving, and no record.
package final class KnownDigests: Sendable {
  struct Entry: Hashable {
    var facts: FileFacts
    var digest: RawDigest
  }

  private struct State {
    /// `nil` before the first question.
    var entries: [FileFacts.Identity: Entry]?
    /// What this process has asked for: it is kept where not all can be.
    var used: Set<FileFacts.Identity> = []
    var isNew = false
  }

  /// Where nothing is known and nothing is kept: every byte is read.
  package static let none = KnownDigests(in: nil, during: nil)

  /// Where they are kept; `nil` where none are.
  private let path: String?
  /// When these facts hold: in this boot, while the clock was not set.
  private let era: Era?
  /// Of files that are kept.
  private let most: Int
  private let state = Mutex(State())

  /// - Parameter folder: of root alone, where the digests are kept; where it is not that, none are.
  package convenience init(in folder: String) {
    self.init(in: folder, during: Caller.isRoot ? Era.now : nil)
  }

  init(in folder: String?, during era: Era?, most: Int = DigestFile.mostEntries) {
    self.most = most
    path = era == nil ? nil : folder.map { $0 + "/digests" }
    self.era = era
  }

  /// The digest of a plain file as it is now.
  package func digest(of location: FileLocation) throws -> String {
    guard path != nil, let facts = location.facts() else { return try Digest.file(location) }
    if let known = known(facts) { return known }
    let (digest, proven) = try location.digestWithFacts()
    if let proven, let raw = RawDigest(hex: digest) {
      state.withLock { state in
        state.entries?[proven.identity] = Entry(facts: proven, digest: raw)
        state.used.insert(proven.identity)
        state.isNew = true
      }
    }
    return digest
  }

  private func known(_ facts: FileFacts) -> String? {
    state.withLock { state -> RawDigest? in
      let entries = state.entries ?? load()
      state.entries = entries
      guard let entry = entries[facts.identity], entry.facts == facts else { return nil }
      state.used.insert(facts.identity)
      return entry.digest
    }?.hex
  }

  private func load() -> [FileFacts.Identity: Entry] {
    guard let path, let era, DigestFile.file(path).isOfRoot else { return [:] }
    return DigestFile.read(path, of: era)
  }

  /// Keeps what was learned for the next commands. Never fails: what cannot be kept is read again.
  package func keep() {
    guard let path, let era, Era.now.map(era.isSame) == true, DigestFile.file(path).isOfRoot else { return }
    let kept: [Entry]? = state.withLock { state in
      guard state.isNew, let entries = state.entries else { return nil }
      state.isNew = false
      guard entries.count > most else { return Array(entries.values) }
      let (used, others) = (state.used, entries.values.filter { !state.used.contains($0.facts.identity) })
      return Array((used.compactMap { entries[$0] } + others).prefix(most))
    }
    if let kept { DigestFile.write(kept, of: era, to: path) }
  }
}

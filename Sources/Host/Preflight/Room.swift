internal import Deployment

/// Room for a change and its backup: what is needed, and what retention may give for it.
struct Room {
  let need: RoomNeed
  let store: BackupStore
  /// What retention says once the change's own backup is there too. Asked only where room is short.
  let retention: () throws -> [Retention.Decision]

  /// What is missing even when retention has freed all that it may, in words.
  func shortages() throws -> [String] {
    guard !need.shortages().isEmpty else { return [] }
    let removed = try retention().filter { !$0.keep }.map(\.stamp)
    return need.shortages(freed: try StoreSpace(of: removed, in: store))
  }

  /// The backups that have to go first, by retention's word; empty where there is room without.
  func expendable() throws -> [Retention.Decision] {
    need.shortages().isEmpty ? [] : try retention().filter { !$0.keep }
  }
}

extension [Retention.Decision] {
  /// What is removed, for a line.
  var sentence: String {
    "\(count) backups that retention does not keep go first: \(map(\.stamp.description).joined(separator: ", "))"
  }
}

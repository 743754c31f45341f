internal import Deployment

/// The bytes and inodes that a change needs on every filesystem concerned: what is staged beside its target and what is
/// backed up are there at once, and the state folder has to take the records.
struct RoomNeed {
  private var needs: [Filesystem: (bytes: Int, files: Int)] = [:]
  /// That of the store.
  private let home: Filesystem

  /// - Parameters:
  ///   - installs: the files that are staged.
  ///   - saved: what is backed up, by path; empty where no backup is taken.
  ///   - name: the manifest's name, under which it is backed up.
  init(
    installs: [DesiredState.File], saved: [String: FileState], of name: String, in store: BackupStore,
    state: StateFolder
  ) throws {
    home = try Filesystem(holding: store.path)
    for file in installs { add(file.state.size ?? 0, on: try Filesystem(holding: file.path)) }
    for folder in Set(installs.flatMap { Files.missingFolders(above: $0.path) }) {
      add(Self.block, on: try Filesystem(holding: folder))
    }
    add(Self.records, on: try Filesystem(holding: state.path))
    guard !saved.isEmpty else { return }
    let links = BackupWriter.linkable(in: store, for: saved, of: name)
    let files = saved.filter { $0.value.exists }
    for (path, state) in files where links[path] == nil { add(state.size ?? 0, on: home) }
    for _ in Set(files.keys.flatMap(Self.folders)) { add(Self.block, on: home) }
    for _ in 0..<Self.ownFiles { add(saved.count * Self.line, on: home) }
  }

  /// What is missing, in words; empty when everything fits.
  ///
  /// - Parameter freed: what will be free in the store by then.
  func shortages(freed: StoreSpace? = nil) -> [String] {
    needs.compactMap { filesystem, need in
      filesystem.shortage(bytes: need.bytes, files: need.files, freed: filesystem == home ? freed : nil)
    }.sorted()
  }

  private mutating func add(_ bytes: Int, on filesystem: Filesystem) {
    needs[filesystem, default: (0, 0)].bytes += (bytes + Self.block) / Self.block * Self.block
    needs[filesystem, default: (0, 0)].files += 1
  }

  private static func folders(above path: String) -> [String] {
    let parts = path.split(separator: "/").dropLast()
    return parts.indices.map { parts[...$0].joined(separator: "/") }
  }

  private static let block = 4096
  /// Journal, history and what is installed.
  private static let records = 1 << 20
  /// `backup.json`, `restore.sh`, `SHA256SUMS`, and the two folders around the contents.
  private static let ownFiles = 5
  /// What a path takes in one of them, well counted.
  private static let line = 1024
}

internal import Basics
package import Deployment
package import FileOperations
package import HostState

/// Disk space for a change and its backup: what is needed, and what retention may give for it.
package struct DiskSpace {
  package let need: DiskSpaceNeed
  /// Asks retention as it will be once the change's own backup is there too. Asked only where disk space is short.
  private let retention: RetentionQuery

  package init(need: DiskSpaceNeed, retention: RetentionQuery) {
    self.need = need
    self.retention = retention
  }

  package var store: BackupStore { retention.store }

  /// What is missing even when retention has freed all that it may, in words.
  package func shortages() throws -> [String] {
    guard !need.shortages().isEmpty else { return [] }
    let removed = try retention.decisions().filter { !$0.keep }.map(\.stamp)
    return need.shortages(freed: try DiskUsage(of: removed.map(store.folder)))
  }

  /// The backups that have to go first, by retention's word; empty where there is enough without.
  package func expendable() throws -> [Retention.Decision] {
    need.shortages().isEmpty ? [] : try retention.decisions().filter { !$0.keep }
  }
}

/// What is asked of the retention of one manifest's backups.
package struct RetentionQuery {
  package let store: BackupStore
  /// How many backups are kept.
  package let keep: Int
  /// The manifest's name.
  package let name: String
  /// The digest of the release that is on the host.
  package let current: String?
  /// Backups that are kept whatever retention says.
  package var needed: Set<Stamp> = []
  /// How many newer backups are about to come.
  package let incoming: Int

  package init(
    store: BackupStore, keep: Int, name: String, current: String?, needed: Set<Stamp> = [], incoming: Int
  ) {
    self.store = store
    self.keep = keep
    self.name = name
    self.current = current
    self.needed = needed
    self.incoming = incoming
  }

  package func decisions() throws -> [Retention.Decision] {
    try store.retention(keep: keep, name: name, current: current, needed: needed, incoming: incoming)
  }
}

extension [Retention.Decision] {
  /// What is removed, for a line.
  package var sentence: String {
    "\(count) backups that retention does not keep are removed first: \(map(\.stamp.description).joined(separator: ", "))"
  }
}

/// The bytes and inodes that a change needs on every filesystem concerned: what is staged beside its target and what is
/// backed up are there at once, and the state folder has to take the records.
package struct DiskSpaceNeed {
  private var needs: [Filesystem: (bytes: Int, files: Int)] = [:]
  /// That of the store.
  private let home: Filesystem

  /// - Parameters:
  ///   - installs: the files that are staged.
  ///   - saved: what is backed up, by path; empty where no backup is taken.
  ///   - name: the manifest's name, under which it is backed up.
  package init(
    installs: [DesiredState.File], saved: [String: FileState], of name: String, in store: BackupStore,
    state: StateFolder
  ) throws {
    home = try Filesystem(holding: store.path)
    var filesystems = Filesystems()
    for file in installs { add(file.state.size ?? 0, on: try filesystems.holding(file.path)) }
    // Thousands of files lie in hundreds of folders.
    let folders = Dictionary(installs.map { (Files.parent(of: $0.path), $0.path) }) { first, _ in first }
    for folder in Set(folders.values.flatMap(Files.missingFolders)) {
      add(Self.block, on: try Filesystem(holding: folder))
    }
    add(Self.records, on: try Filesystem(holding: state.path))
    guard !saved.isEmpty else { return }
    let links = BackupWriter.linkable(in: store, for: saved, of: name)
    let files = saved.filter { $0.value.exists }
    for (path, state) in files where links[path] == nil { add(state.size ?? 0, on: home) }
    for _ in Set(files.keys.flatMap(Self.folders)) { add(Self.block, on: home) }
    for _ in 0..<Self.ownFiles { add(saved.count.multipliedSaturated(by: Self.line), on: home) }
  }

  /// What is missing, in words; empty when everything fits.
  ///
  /// - Parameter freed: what will be free in the store by then.
  package func shortages(freed: DiskUsage? = nil) -> [String] {
    needs.compactMap { filesystem, need in
      filesystem.shortage(bytes: need.bytes, files: need.files, freed: filesystem == home ? freed : nil)
    }.sorted()
  }

  private mutating func add(_ bytes: Int, on filesystem: Filesystem) {
    let blocks = bytes.addingSaturated(Self.block) / Self.block
    let sum = needs[filesystem, default: (0, 0)].bytes.addingSaturated(blocks.multipliedSaturated(by: Self.block))
    needs[filesystem, default: (0, 0)].bytes = sum
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

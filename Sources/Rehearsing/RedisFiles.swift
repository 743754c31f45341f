internal import Deployment
internal import FileOperations
internal import Rehearsal

/// What a Redis of this host keeps on disk, copied without asking the server for anything: it neither forks nor writes for
/// a rehearsal, and needs no password.
///
/// An append-only file only grows, and its beginning is what the server knew a moment ago, so that a copy of it is a
/// consistent state. Which files belong together says its manifest; when that is another one after the copy, the copy is
/// taken again. A dump is replaced by rename, so that whoever has it open reads one whole dump.
struct RedisFiles: Sendable {
  let unit: String
  /// The server's working directory, which is its `dir`: absolute, without symlinks.
  let folder: String

  private static let attempts = 5

  /// The entries of the folder that are Redis's: dumps, append-only files, and folders with the manifest of one.
  func names() throws -> [String] {
    try Files.names(in: folder).filter { name in
      guard !name.hasPrefix("temp-"), !name.hasPrefix(".") else { return false }
      switch try? FileState.peek(Paths.join(folder, name)).type {
      case .file: return name.hasSuffix(".rdb") || name.hasSuffix(".aof")
      case .directory: return manifests(in: name) != []
      default: return false
      }
    }.sorted()
  }

  /// Their bytes on disk, as far as they can be seen.
  func size() throws -> Int {
    try names().reduce(0) { sum, name in
      let path = Paths.join(folder, name)
      let inside = (try? Files.names(in: path)) ?? []
      let files = inside.isEmpty ? [path] : inside.map { Paths.join(path, $0) }
      return sum + files.reduce(0) { $0 + ((try? FileState.peek($1).size) ?? 0) }
    }
  }

  /// Whether every write is in the files within a second or two.
  var isAppendOnly: Bool { (try? names().contains { !$0.hasSuffix(".rdb") }) ?? false }

  /// Puts a consistent copy in the machine, in the place of what it sees of the host's.
  func copy(into root: PreparedRoot) async throws {
    for _ in 1...Self.attempts {
      let before = try picture()
      let names = try names()
      guard !names.isEmpty else { return }
      do {
        try await root.copy(names, of: folder)
      } catch {
        // A rewrite that ends meanwhile takes files away.
        if try picture() == before { throw error }
        continue
      }
      if try picture() == before { return }
    }
    throw RehearsalUnavailable(
      "the files of '\(unit)' in '\(folder)' were rewritten during each of \(Self.attempts) copies; try again later")
  }

  /// What changes when other files than before make up the data.
  private func picture() throws -> [String: String] {
    var found: [String: String] = [:]
    for name in try names() where !name.hasSuffix(".rdb") && !name.hasSuffix(".aof") {
      for manifest in manifests(in: name) {
        let path = Paths.join(Paths.join(folder, name), manifest)
        found[path] = try Files.readIfPresent(path).map(Digest.bytes) ?? ""
      }
    }
    return found
  }

  private func manifests(in name: String) -> [String] {
    ((try? Files.names(in: Paths.join(folder, name))) ?? []).filter { $0.hasSuffix(".manifest") }
  }
}

internal import Deployment
internal import FileOperations
internal import Glibc
package import HostState
internal import SystemPackage

/// A command that goes on without the connection over which it came.
package struct RunRecord: Codable, Sendable {
  var schema = Self.current
  package var id: String
  /// The command line behind the program's name.
  package var words: [String]
  /// Whole seconds since 1970.
  package var began: Int
  /// Who asked for it, on this host.
  package var user: String
  /// `NAME=value`.
  package var environment: [String]
  /// Where it is run, as it would be without --host; a path of its command line may start from there.
  var folder: String?

  static let current = "qtctl-run/1"

  init(id: String, words: [String], began: Int, user: String, environment: [String], folder: String?) {
    self.id = id
    self.words = words
    self.began = began
    self.user = user
    self.environment = environment
    self.folder = folder
  }

  /// The unit as which it runs.
  package var unit: String { Self.unit(id) }
  static func unit(_ id: String) -> String { "qtctl-run-\(id).service" }
  package var command: String { words.joined(separator: " ") }
}

/// The commands that run on this host, or have run, without the connection over which they came: a folder each with its
/// record, what it printed, and how it ended. systemd writes the output and has the end recorded, whatever becomes of the
/// command itself.
package struct RunStore {
  private static let kept = 20
  /// Of each of the two outputs.
  static let mostOutput = 16 << 20
  /// In seconds: no command takes so long.
  private static let longest = 7 * 86_400
  private static let (record, ending) = ("run.json", "ended.json")
  /// What goes on comes before what came of it.
  package enum Output: String, CaseIterable { case stderr, stdout }

  private let state: StateFolder

  package init(_ state: StateFolder) { self.state = state }

  func folder(_ id: String) -> String { state.runs + "/" + id }
  package func output(_ kind: Output, of id: String) -> String { folder(id) + "/" + kind.rawValue }

  /// Makes the folder of a run that is about to begin.
  ///
  /// - Throws: `Refusal` where there is one of that number, or `FileError`.
  func begin(_ run: RunRecord) throws {
    try state.prepare()
    try Files.makeFolders(state.runs, mode: 0o700)
    sweep()
    guard mkdir(folder(run.id), 0o700) == 0 else {
      guard errno == EEXIST else {
        throw FileError(operation: "make folder", path: folder(run.id), errno: .init(rawValue: errno))
      }
      throw Refusal(["a command with the number '\(run.id)' was begun on this host before; run: qtctl attach \(run.id)"]
      )
    }
    for kind in Output.allCases { try Files.replace(output(kind, of: run.id), with: [], mode: 0o600) }
    try Files.replace(folder(run.id) + "/" + Self.record, with: JSON.line(run), mode: 0o600)
  }

  func forget(_ id: String) { try? Files.removeTree(folder(id)) }

  func end(_ id: String, _ end: Ending) throws {
    try Files.replace(folder(id) + "/" + Self.ending, with: JSON.line(end), mode: 0o600)
  }

  /// How it ended; `nil` while it runs, or where nothing has recorded it.
  package func ending(of id: String) throws -> Ending? {
    let path = folder(id) + "/" + Self.ending
    return try Files.readIfPresent(path).map { try JSON.decode(Ending.self, from: $0, path: path) }
  }

  /// - Parameter id: `nil`: the one that began last.
  /// - Throws: `Refusal` where there is none.
  package func find(_ id: String?) throws -> RunRecord {
    let all = try ids().compactMap { try? read($0) }
    guard let id else {
      guard let last = all.max(by: { $0.began < $1.began }) else {
        throw Refusal(["no command was begun on this host by --host; for what else was done, run: qtctl history"])
      }
      return last
    }
    let hex = Set("0123456789abcdef".utf8)
    guard id.utf8.count == Call.idDigits, id.utf8.allSatisfy(hex.contains) else {
      throw Refusal(["'\(id)' is not the number of a command; the message that the connection was lost names it"])
    }
    guard Files.exists(folder(id)) else {
      throw Refusal(["the command '\(id)' has not begun on this host, and nothing was changed; run it again"])
    }
    return try read(id)
  }

  func read(_ id: String) throws -> RunRecord {
    let path = folder(id) + "/" + Self.record
    let run = try JSON.decode(RunRecord.self, from: Files.read(path), path: path)
    guard run.schema == RunRecord.current else {
      throw Refusal(["'\(path)' was written by a newer qtctl; upgrade qtctl"])
    }
    return run
  }

  private func ids() throws -> [String] {
    do {
      return try Files.names(in: state.runs)
    } catch  where error.errno == .noSuchFileOrDirectory {
      return []
    }
  }

  /// Takes away the oldest that have ended, or whose end a power cut has taken along.
  private func sweep() {
    let all = ((try? ids()) ?? []).map { id in (id, (try? read(id))?.began ?? 0) }
    let now = time(nil)
    for (id, began) in all.sorted(by: { $0.1 > $1.1 }).dropFirst(Self.kept - 1) {
      if (try? ending(of: id)) != nil || now - began > Self.longest { forget(id) }
    }
  }
}

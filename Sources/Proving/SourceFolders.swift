internal import Deployment
internal import FileOperations
internal import Rehearsal
internal import Releases

/// The folders of a release that a throwaway machine does not see by itself, because they lie in memory or on a file
/// system of another kind.
struct SourceFolders {
  private let folders: [String]

  init(_ release: Release, manifest: String) {
    let sources = release.desired.files.compactMap(\.origin).filter { !$0.hasPrefix(release.contents + "/") }
    var seen: Set<String> = []
    folders = ([release.contents, Files.parent(of: manifest)] + sources.map { Files.parent(of: $0) })
      .compactMap(Paths.of).filter { seen.insert($0).inserted }
  }

  /// Those to be shown in the machine, the outermost alone.
  ///
  /// - Throws: `Refusal` for one that cannot be.
  func shown() throws -> [String] {
    let hidden = try folders.filter { try !Machine.copies($0) }
    let outermost = hidden.filter { folder in !hidden.contains { folder.hasPrefix($0 + "/") } }
    if let folder = outermost.first(where: { $0 == "/run" || $0.hasPrefix("/run/") }) {
      throw Refusal([
        "'\(folder)' lies in /run, which a throwaway machine has of its own; copy the release elsewhere, such as /root"
      ])
    }
    return outermost
  }
}

internal import Deployment
internal import FileOperations
internal import Glibc
internal import SystemPackage

/// The file that a page is written to: anywhere on the host, also where others than root may write.
///
/// A page of an earlier call is replaced; any other file stays, and that is said. No symlink at the path itself is
/// followed, nor one on the way that others than root can change.
package struct ReportFile {
  private let path: String
  private let location: FileLocation

  /// - Parameters:
  ///   - path: as a person wrote it.
  ///   - folder: what it is seen from.
  /// - Throws: `Refusal` where no page may or can be put there.
  package init(_ path: String, in folder: String) throws {
    self.path = Paths.resolve(path, in: folder)
    do {
      location = try FileLocation(shared: self.path)
    } catch let error as UntrustedLink {
      throw Refusal(["the page cannot be written to '\(path)': \(error)"])
    } catch let error as FileError {
      throw Refusal(["the page cannot be written to '\(path)': \(error); make that folder, or name another file"])
    }
    try check()
  }

  /// Whether what is there may be replaced.
  private func check() throws {
    switch try location.peek().type {
    case .absent: return
    case .file where isPage: return
    case .file: throw refusal("is there already and is no page of qtctl report", "remove it, or name another file")
    case .directory: throw refusal("is a folder", "name a file in it, such as '\(path)/report.html'")
    case .symlink: throw refusal("is a symlink, which is not followed", "name the file that is meant")
    case .other: throw refusal("is no plain file", "name another file")
    }
  }

  private func refusal(_ what: String, _ advice: String) -> Refusal { Refusal(["'\(path)' \(what); \(advice)"]) }

  private var isPage: Bool {
    let mark = Array(ReportPage.mark.utf8)
    return (try? FileWindow(location))?.bytes(at: 0, count: mark.count) == mark
  }

  /// Writes the page whole or not at all, for root alone and, where that is known, whoever is behind sudo: a journal may
  /// say what not everybody should read.
  package func write(_ page: String) throws {
    try location.staged.create(mode: 0o600) { file in
      if let asker = Caller.behind { _ = fchown(file, asker.user, asker.group) }
      try Array(page.utf8).withUnsafeBytes { try Files.writeAll($0, to: file, path: path) }
    }
    do {
      try check()
      if isPage {
        try location.staged.move(to: location)
      } else {
        try location.staged.moveWithoutReplacing(to: location)
      }
      try location.folder.sync()
    } catch {
      try? location.staged.remove()
      guard let error = error as? FileError, error.errno == .fileExists else { throw error }
      throw refusal("has just been made by somebody else", "look at it, or name another file")
    }
  }

  /// Absolute.
  package var shown: String { path }
}

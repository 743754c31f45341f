import Deployment
import FileOperations

/// A unit file in /etc that hides one of a package: updates of the package have no effect. Masks, links to the
/// very file and what a release brings are on purpose.
enum HiddenUnits: Examination {
  static let id = "unit.hidden"

  static func findings(on host: HostView) throws -> [Finding] {
    guard let upper = host.unitFolders.first else { return [] }
    let lower = host.unitFolders.dropFirst()
    return try Files.names(in: upper).sorted().flatMap { name -> [Finding] in
      let file = upper + "/" + name
      guard host.files[file] == nil, try FileState.peek(file).type == .file else { return [] }
      return lower.map { $0 + "/" + name }.filter(Files.exists).map { hidden in
        Finding(
          name,
          "'\(file)' hides '\(hidden)', so updates of its package have no effect; keep what differs as a drop-in with "
            + "'systemctl edit'",
          fix: "systemctl revert \(HostView.quoted(name))")
      }
    }
  }
}

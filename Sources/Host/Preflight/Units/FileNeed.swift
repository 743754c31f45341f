internal import Deployment
internal import Systemd

/// A path that a unit's process must be able to use.
struct FileNeed: Hashable {
  enum Use { case execute, read, enter }
  var path: String
  var use: Use
  /// Where it is named, such as `ExecStart`.
  var named: String
}

extension FutureUnit {
  /// What the unit executes, its working directory, and what its command lines name, as far as it can be asked for.
  func needs(_ future: FutureFiles) -> [FileNeed] {
    var needs: [FileNeed] = []
    // `+`, `!` and `!!` run as another user or outside of the sandbox.
    for command in commands where command.flags.isDisjoint(with: ["privileged", "no-setuid", "ambient"]) {
      needs.append(FileNeed(path: command.path, use: .execute, named: command.directive))
      for path in command.arguments.dropFirst().compactMap(Self.path) {
        guard let state = future.look(path)?.state, state.type == .file || state.type == .directory else { continue }
        needs.append(FileNeed(path: path, use: state.type == .file ? .read : .enter, named: command.directive))
      }
    }
    if let folder = workingFolder, folder.mustExist, future.hasFolder(folder.path) {
      needs.append(FileNeed(path: folder.path, use: .enter, named: "WorkingDirectory"))
    }
    return needs.filter { $0.path.hasPrefix("/") && !isOwn($0.path) && !$0.path.contains("\n") }.uniqued()
  }

  /// Its `WorkingDirectory=`; `nil` where it has none, or that of its user.
  var workingFolder: (path: String, mustExist: Bool)? {
    guard let text = status.workingDirectory, text != "~" else { return nil }
    let path = text.first == "!" ? String(text.dropFirst()) : text
    return path.hasPrefix("/") ? (path, text.first != "!") : nil
  }

  /// Whether a path lies where the unit sees something else than others do, or what is made when it starts.
  func isOwn(_ path: String) -> Bool {
    (["/proc", "/sys", "/dev", "/tmp", "/var/tmp"] + managedFolders).contains { path == $0 || path.hasPrefix($0 + "/") }
  }

  /// The path that an argument is, or sets as in `--config=/etc/app.conf`.
  static func path(_ argument: String) -> String? {
    if argument.hasPrefix("/") { return argument }
    guard argument.hasPrefix("-"), let mark = argument.firstIndex(of: "=") else { return nil }
    let value = argument[argument.index(after: mark)...]
    return value.hasPrefix("/") ? String(value) : nil
  }
}

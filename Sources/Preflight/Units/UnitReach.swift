internal import Basics
internal import Deployment
internal import FileOperations
internal import Systemd
internal import Units

/// What one unit needs to reach, what is asked for that, and what the answers mean.
package struct UnitReach {
  package let unit: PlannedUnit
  package let credentials: Credentials
  package let future: PlannedFileSystem

  /// Of what is there now: the paths themselves, and every folder above, so that the one to blame is known.
  package var questions: [SandboxQuestion] {
    unit.needs(future).flatMap { need -> [SandboxQuestion] in
      guard let file = future.look(need.path) else { return folders(above: need.path) }
      return folders(above: file.path) + (file.isNew ? [] : [question(need)])
    }.uniqued()
  }

  package func findings(_ answer: SandboxAnswer) -> [String] {
    switch answer {
    case .denied(let denied): return unit.needs(future).compactMap { finding($0, denied) }
    case .impossible(let status): return impossible(status).map { [$0] } ?? []
    }
  }

  private func question(_ need: FileNeed) -> SandboxQuestion {
    SandboxQuestion(kind: need.use == .read ? .read : .enter, path: need.path)
  }

  /// The folders that exist, the highest first.
  private func folders(above path: String) -> [SandboxQuestion] {
    var folders: [SandboxQuestion] = []
    var folder = Paths.deepestFolder(above: path)
    while folder != "/" && !folder.isEmpty {
      folders.insert(SandboxQuestion(kind: .enter, path: folder), at: 0)
      folder = Files.parent(of: folder)
    }
    return folders
  }

  private func finding(_ need: FileNeed, _ denied: Set<SandboxQuestion>) -> String? {
    let file = future.look(need.path)
    let what =
      switch need.use {
      case .execute: "execute"
      case .read: "read"
      case .enter: "enter"
      }
    let start = "\(need.named) of \(unit.name.full): \(who) cannot \(what) \(need.path)"
    if let folder = folders(above: file?.path ?? need.path).first(where: denied.contains) {
      return "\(start): \(folder.path) cannot be entered (\(facts(folder.path))) or is hidden by the sandbox; grant "
        + "that right, or use another path"
    }
    guard let file else { return nil }
    if file.isNew {
      if let setting = unit.hiding(file.path) {
        return "\(start): \(setting) of the unit hides it; remove that line, or name another place"
      }
      guard !credentials.may(need.use == .read ? 4 : 1, file.state) else { return nil }
      return "\(start): it will have \(facts(file.state)); set its 'mode', 'owner' or 'group' in the manifest"
    }
    guard denied.contains(question(need)) else { return nil }
    return "\(start): it has \(facts(file.state)) or is hidden by the sandbox; grant that right"
  }

  private var who: String {
    let user = unit.isDynamic ? "its dynamic user" : unit.user.map { "user '\($0)'" } ?? "root"
    return "\(user), in its sandbox,"
  }

  private func facts(_ path: String) -> String { (try? FileState.peek(path)).map(facts) ?? "?" }

  private func facts(_ state: FileState) -> String {
    "mode \(FileState.octal(state.mode)), owner \(state.owner.map(Accounts.userName) ?? "?"), "
      + "group \(state.group.map(Accounts.groupName) ?? "?")"
  }

  /// What systemd's own exit statuses say for certain; of others nothing is known.
  private func impossible(_ status: Int32?) -> String? {
    let name = unit.name.full
    switch status {
    case 216:
      return "\(name) cannot start: its Group= or SupplementaryGroups= cannot be used; fix its unit file"
    case 217: return "\(name) cannot start: its User= cannot be used; create the user, or fix its unit file"
    case 226 where unit.managedFolders.isEmpty:
      return "\(name) cannot start: its sandbox cannot be set up, often because a path that it names is missing; "
        + "see 'journalctl -n 20'"
    default: return nil
    }
  }
}

/// A path that a unit's process must be able to use.
package struct FileNeed: Hashable {
  package enum Use { case execute, read, enter }
  package var path: String
  package var use: Use
  /// Where it is named, such as `ExecStart`.
  package var named: String
}

extension PlannedUnit {
  /// What the unit executes, its working directory, and what its command lines name, as far as it can be asked for.
  package func needs(_ future: PlannedFileSystem) -> [FileNeed] {
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
  package var workingFolder: (path: String, mustExist: Bool)? {
    guard let text = status.workingDirectory, text != "~" else { return nil }
    let path = text.first == "!" ? String(text.dropFirst()) : text
    return path.hasPrefix("/") ? (path, text.first != "!") : nil
  }

  /// Whether a path lies where the unit sees something else than others do, or what is made when it starts.
  package func isOwn(_ path: String) -> Bool {
    (["/proc", "/sys", "/dev", "/tmp", "/var/tmp"] + managedFolders).contains { path == $0 || path.hasPrefix($0 + "/") }
  }

  /// The path that an argument is, or sets as in `--config=/etc/app.conf`.
  package static func path(_ argument: String) -> String? {
    if argument.hasPrefix("/") { return argument }
    guard argument.hasPrefix("-"), let mark = argument.firstIndex(of: "=") else { return nil }
    let value = argument[argument.index(after: mark)...]
    return value.hasPrefix("/") ? String(value) : nil
  }
}

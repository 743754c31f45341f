internal import Deployment

/// What one unit needs to reach, what is asked for that, and what the answers mean.
struct UnitReach {
  let unit: FutureUnit
  let credentials: Credentials
  let future: FutureFiles

  /// Of what is there now: the paths themselves, and every folder above, so that the one to blame is known.
  var questions: [SandboxQuestion] {
    unit.needs(future).flatMap { need -> [SandboxQuestion] in
      guard let file = future.look(need.path) else { return folders(above: need.path) }
      return folders(above: file.path) + (file.isNew ? [] : [question(need)])
    }.uniqued()
  }

  func findings(_ answer: SandboxAnswer) -> [String] {
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
    var folder = RealPath.deepestFolder(above: path)
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
      return "\(start): \(folder.path) cannot be entered (\(facts(folder.path))) or is hidden by the sandbox; give "
        + "it that right, or name another place"
    }
    guard let file else { return nil }
    if file.isNew {
      guard !credentials.may(need.use == .read ? 4 : 1, file.state) else { return nil }
      return "\(start): it will have \(facts(file.state)); set 'mode', 'owner' or 'group' of it in the manifest"
    }
    guard denied.contains(question(need)) else { return nil }
    return "\(start): it has \(facts(file.state)) or is hidden by the sandbox; give it that right"
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
      return "\(name) cannot be started: its Group= or SupplementaryGroups= are not to be had; mend its unit file"
    case 217: return "\(name) cannot be started: its User= is not to be had; create the user, or mend its unit file"
    case 226 where unit.managedFolders.isEmpty:
      return "\(name) cannot be started: its sandbox cannot be set up, often since a path that it names is missing; "
        + "look for its lines in 'journalctl -n 20'"
    default: return nil
    }
  }
}

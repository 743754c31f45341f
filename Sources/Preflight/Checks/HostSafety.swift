internal import Basics
internal import Deployment
internal import FileOperations
internal import Systemd
internal import Units

/// What makes the host less safe than it is is refused, unless the file says `unsafe: true`; what is so already is told.
package struct HostSafety: PreflightCheck {
  /// Something that lets a user do more than before.
  private struct Risk: Hashable {
    var text: String
    /// Whether the manifest says `unsafe: true` for it.
    var isAccepted: Bool
    /// Whether it is so on the host already.
    var isOld: Bool
  }

  package func findings(_ situation: PreflightSituation) -> [String] {
    risks(situation).filter { !$0.isAccepted && !$0.isOld }.map {
      "\($0.text); change that, or say 'unsafe: true' for the file in the manifest"
    }.uniqued()
  }

  package func remarks(_ situation: PreflightSituation) -> [String] {
    risks(situation).filter { $0.isAccepted || $0.isOld }.map {
      $0.text + ($0.isAccepted ? ", as the manifest has it" : ", as before")
    }.uniqued()
  }

  private func risks(_ situation: PreflightSituation) -> [Risk] {
    guard situation.release != nil else { return [] }
    return situation.plan.installs.flatMap { risks(of: $0, situation.inventory.file($0.path)) }
      + situation.units.flatMap { risks(of: $0, situation) }
  }

  private func risks(of file: DesiredState.File, _ current: FileState) -> [Risk] {
    guard file.state.type == .file, let mode = file.state.mode else { return [] }
    let before = current.type == .file ? current.mode ?? 0 : 0
    // Most files of thousands have neither.
    guard mode & 0o6022 != 0 else { return [] }
    let shown = FileState.octal(mode)
    var risks: [Risk] = []
    // Setgid counts where the group may run it; elsewhere it has another meaning.
    for (bits, name, whose) in [(0o4000, "setuid", "owner"), (0o2010, "setgid", "group")] as [(UInt32, String, String)]
    where mode & bits == bits {
      risks.append(
        Risk(
          text: "'\(file.path)' has mode \(shown) (\(name)), so that whoever runs it has the rights of its \(whose)",
          isAccepted: file.unsafe, isOld: before & bits == bits))
    }
    guard mode & 0o111 != 0 || UnitFolders.contain(file.path) else { return risks }
    let byGroup = mode & 0o020 != 0 && file.state.owner == 0 && file.state.group ?? 0 != 0
    if mode & 0o002 != 0 || byGroup {
      let who = mode & 0o002 != 0 ? "everybody" : "group \(Accounts.groupName(file.state.group ?? 0))"
      risks.append(
        Risk(
          text: "'\(file.path)' has mode \(shown), so that \(who) can write what is run from it",
          isAccepted: file.unsafe,
          isOld: before & 0o022 == mode & 0o022 && current.group == file.state.group && before != 0))
    }
    return risks
  }

  /// Of a unit that runs as root: its programs that another user can replace.
  private func risks(of unit: PlannedUnit, _ situation: PreflightSituation) -> [Risk] {
    guard unit.user == nil || unit.user == "root", !unit.isDynamic, !unit.hasOwnRoot else { return [] }
    let name = unit.name.full
    let files = situation.change.desired.files
    // Few units have a risk: systemd is asked for those alone.
    func isRunAlready(_ path: String) -> Bool {
      let status = try? situation.trial?.statuses(of: [name]).first
      return status?.commands.contains { $0.path == path } ?? false
    }
    return unit.commands.filter { $0.path.hasPrefix("/") }.compactMap { command in
      guard let file = situation.future.look(command.path) else { return nil }
      let owner = file.state.owner ?? 0
      let isOwners = file.isNew && owner != 0
      let fault = PathTrust.root.fault(of: file.isNew ? Files.parent(of: file.path) : file.path)
      guard isOwners || fault != nil else { return nil }
      let why = isOwners ? "it belongs to \(Accounts.userName(owner))" : fault.map(String.init(describing:)) ?? ""
      return Risk(
        text: "\(name) runs '\(command.path)' as root, and others can replace it: \(why)",
        isAccepted: files.contains { $0.unsafe && ($0.path == command.path || $0.path == file.path) },
        isOld: isRunAlready(command.path) && (!isOwners || situation.inventory.file(file.path).owner == owner))
    }
  }
}

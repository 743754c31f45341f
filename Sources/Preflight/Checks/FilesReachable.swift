internal import Basics
internal import Deployment
internal import FileOperations
internal import Systemd
internal import Units

/// What a unit executes, its working directory and the files that its command line names can be reached and read as its
/// user, with its sandbox in force.
///
/// What is on the host is tried by a unit with the same settings. What the release brings is judged by the mode and the
/// owner that it will have, and the folders above it are tried. A path that the command line names and that will not be
/// there may be one that the program makes: it is passed over.
package struct FilesReachable: PreflightCheck {
  package func findings(_ situation: PreflightSituation) throws -> [String] {
    guard let trial = situation.trial else { return [] }
    let units = situation.units.filter { !$0.hasOwnRoot }
    let missing = units.compactMap { missingFolder($0, situation.future) }
    // A user that a file of the release declares cannot be asked for yet.
    guard !situation.future.newFolders.contains(where: { ($0 + "/").contains("/sysusers.d/") }) else { return missing }
    var findings: [String] = []
    var asked: [(reach: UnitReach, questions: [SandboxQuestion])] = []
    for unit in units where !unit.question.isEmpty {
      do {
        let reach = UnitReach(unit: unit, credentials: try unit.credentials(), future: situation.future)
        asked.append((reach, reach.questions))
      } catch {
        let key = error.kind == .user ? "User=" : unit.status.group == error.name ? "Group=" : "SupplementaryGroups="
        findings.append("\(key) of '\(unit.name.full)': \(error), or change the unit file")
      }
    }
    // Units with the same settings get the same answers: a hundred services of one user are asked once.
    let groups = asked.map(\.reach.unit.question).uniqued().map { settings in
      let units = asked.filter { $0.reach.unit.question == settings }
      return (units: units, questions: units.flatMap(\.questions).uniqued())
    }
    let answers = try SandboxProbe.ask(
      groups.compactMap { group in group.units.first.map { ($0.reach.unit, group.questions) } }, trial,
      state: situation.state)
    return missing + findings
      + zip(groups, answers).flatMap { group, answer in group.units.flatMap { $0.reach.findings(answer) } }.uniqued()
  }

  private func missingFolder(_ unit: PlannedUnit, _ future: PlannedFileSystem) -> String? {
    guard let folder = unit.workingFolder, folder.mustExist, !unit.isOwn(folder.path), !future.hasFolder(folder.path)
    else { return nil }
    return
      "WorkingDirectory= of '\(unit.name.full)': folder '\(folder.path)' will not exist; create it, or let the unit do so "
      + "with StateDirectory="
  }
}

extension PlannedUnit {
  fileprivate func credentials() throws(UnknownAccount) -> Credentials {
    if let user, !isDynamic { _ = try Accounts.user(user) }
    let supplementary = sandbox.filter { $0.key == "SupplementaryGroups" }.map(\.value)
    let groups = supplementary.reduce(into: [String]()) { groups, value in
      // An empty one takes back what came before.
      groups = value.isEmpty ? [] : groups + value.split(separator: " ").map(String.init)
    }
    return try Credentials(user: user, group: status.group, supplementary: groups, isDynamic: isDynamic)
  }
}

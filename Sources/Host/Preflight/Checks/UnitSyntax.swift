internal import Deployment
internal import Subprocess
internal import SystemPackage
internal import Systemd

/// The unit files of the release parse. `systemd-analyze verify` exits 0 on what systemd ignores; every word of it about
/// them counts.
struct UnitSyntax: PreflightCheck {
  private static let program = "/usr/bin/systemd-analyze"

  func findings(_ situation: PreflightSituation) async throws -> [String] {
    let unread = situation.units.filter { $0.status.loadError != nil }.map {
      "\($0.name.full) cannot be read: \($0.status.loadError ?? ""); mend its unit file"
    }
    // It takes a tenth of a second, and what did not change was proved by running.
    guard situation.changesUnitFiles, situation.context.trial != nil, Files.exists(Self.program) else { return unread }
    let units = try situation.plan.touched.filter(\.running).map(\.unit).compactMap { name -> (String, UnitFiles)? in
      let files = try UnitFiles(UnitName(name), situation.future)
      return files.fragment?.state.type == .file ? (name, files) : nil
    }
    guard !units.isEmpty else { return unread }
    let folder = try Scratch.make()
    defer { try? Files.removeTree(folder) }
    let copies = try UnitCopies(units, in: folder)
    let result = try await Subprocess.run(
      .path(FilePath(Self.program)), arguments: Arguments(["verify", "--man=no"] + copies.paths),
      environment: .inherit.updating(["LC_ALL": "C", "SYSTEMD_COLORS": "0"]), input: .none,
      output: .string(limit: 1 << 18), error: .string(limit: 1 << 18))
    let text = result.standardOutput + "\n" + result.standardError
    return unread + text.split(separator: "\n").compactMap { copies.finding(String($0)) }.uniqued()
  }
}

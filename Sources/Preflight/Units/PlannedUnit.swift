internal import Deployment
internal import FileOperations
internal import HostState
package import Systemd
package import Units

/// A service as systemd will read it once the plan is applied.
package struct PlannedUnit {
  package let name: UnitName
  package let files: UnitFiles
  /// What of `[Service]` decides where it runs and what it sees, its own name put in.
  package let sandbox: [UnitText.Setting]
  /// Its commands, environment and user by systemd's own word.
  package let status: UnitStatus

  /// A service and its files, before systemd was asked.
  private struct Found {
    let name: UnitName
    let files: UnitFiles
    let texts: [UnitText]
  }

  /// Asks systemd how it reads the services' command lines: of copies that cannot start anything, and of what it has loaded
  /// already where the plan changes nothing about it.
  ///
  /// - Returns: those of the units that are services and will have a unit file.
  package static func load(_ names: [String], _ future: PlannedFileSystem, _ trial: any UnitTrial) throws
    -> [PlannedUnit]
  {
    let listing = try future.listing(UnitFolders.searched)
    let found = try names.filter { $0.hasSuffix(".service") }.compactMap { name -> Found? in
      let name = UnitName(name)
      let files = try UnitFiles(name, future, listing)
      guard files.fragment?.state.type == .file else { return nil }
      let texts = try files.all.map { UnitText(String(decoding: try Files.read($0.content), as: UTF8.self)) }
      return Found(name: name, files: files, texts: texts)
    }
    let loaded = try loaded(found.filter { !$0.files.all.contains(where: \.isNew) }, trial)
    let others = found.filter { loaded[$0.name.full] == nil }
    let copied = try others.isEmpty ? [] : TrialUnits.with(others.map(text), trial.statuses)
    let read = Dictionary(zip(others.map(\.name.full), copied)) { first, _ in first }
    return found.compactMap { unit in
      (loaded[unit.name.full] ?? read[unit.name.full]).map { PlannedUnit(unit, $0) }
    }
  }

  /// What systemd has read of exactly these files; a hundred copies cost it a quarter of a second.
  private static func loaded(_ found: [Found], _ trial: any UnitTrial) throws -> [String: UnitStatus] {
    guard !found.isEmpty else { return [:] }
    let statuses = zip(found, try trial.statuses(of: found.map(\.name.full))).compactMap { unit, status in
      // It does not notice a new folder of drop-ins by itself, so the files are compared.
      guard status.loadState == .loaded, !status.needDaemonReload, status.fragmentPath == unit.files.fragment?.path,
        status.dropInPaths.sorted() == unit.files.dropIns.map(\.path).sorted()
      else { return nil as (String, UnitStatus)? }
      var status = status
      status.commands.removeAll { !keys.contains($0.directive) }
      return (unit.name.full, status)
    }
    return Dictionary(statuses) { first, _ in first }
  }

  private init(_ unit: Found, _ status: UnitStatus) {
    (name, files, self.status) = (unit.name, unit.files, status)
    sandbox = unit.texts.flatMap { $0.service(SandboxSettings.keys) }.map {
      UnitText.Setting(section: $0.section, key: $0.key, value: unit.name.expand($0.value))
    }
    after = Set(
      unit.texts.flatMap(\.settings).filter { $0.section == "Unit" && $0.key == "After" }
        .flatMap { unit.name.expand($0.value).split(separator: " ").map(String.init) })
  }

  private static let keys: Set = [
    "ExecCondition", "ExecStartPre", "ExecStart", "ExecStartPost", "ExecStop", "Environment", "EnvironmentFile", "User",
    "Group", "DynamicUser", "WorkingDirectory",
  ]

  private static func text(of unit: Found) -> String {
    let (name, texts) = (unit.name, unit.texts)
    let settings = texts.flatMap { $0.service(keys) }
    // Only a oneshot does without a command; of all other types none changes how a command is read.
    let type = texts.flatMap { $0.service(["Type"]) }.last?.value == "oneshot" ? "oneshot" : "simple"
    let lines = settings.map { "\($0.key)=\(name.expand($0.value))" } + ["Type=\(type)"]
    return "[Unit]\nDescription=How qtctl reads \(name.full)\n[Service]\n" + lines.joined(separator: "\n") + "\n"
  }

  /// The units that it is to start after.
  package let after: Set<String>

  /// What runs on the way up, where its failure is one of the unit.
  package var commands: [ExecCommand] {
    status.commands.filter { $0.directive != "ExecStop" && !$0.ignoresFailure }
  }

  /// Whether it runs in a file tree that is not the host's.
  package var hasOwnRoot: Bool { sandbox.contains { SandboxSettings.roots.contains($0.key) && !$0.value.isEmpty } }
}

extension PlannedUnit {
  /// Whether its user exists only while it runs.
  package var isDynamic: Bool { status.dynamicUser ?? false }

  /// The user's name; `nil`: root, or a dynamic one whose name systemd makes up.
  ///
  /// A dynamic user without `User=` is named after its unit, which the copy that was read is not.
  package var user: String? {
    guard isDynamic else { return status.user }
    if sandbox.last(where: { $0.key == "User" })?.value.isEmpty == false { return status.user }
    return Self.isUserName(name.stem) ? name.stem : nil
  }

  /// Whether systemd takes a text for the name of a user (systemd.io/USER_NAMES); for a unit whose name is none it
  /// makes one up.
  package static func isUserName(_ text: String) -> Bool {
    guard let first = text.utf8.first, text.utf8.count <= 31 else { return false }
    return (isLetter(first) || first == UInt8(ascii: "_"))
      && text.utf8.allSatisfy {
        isLetter($0) || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || $0 == UInt8(ascii: "_")
          || $0 == UInt8(ascii: "-")
      }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
  }
}

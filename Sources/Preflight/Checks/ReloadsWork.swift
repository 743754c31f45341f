internal import Basics
internal import Deployment
internal import FileOperations
internal import Glibc
internal import Units

/// What a change would have to be taken in by a reload can be: the unit knows how, and reads the file then.
package struct ReloadsWork: PreflightCheck {
  package func findings(_ situation: PreflightSituation) throws -> [String] {
    guard situation.release != nil else { return [] }
    let desired = situation.change.desired
    return try desired.files.filter(\.reload).flatMap { file -> [String] in
      if UnitFolders.contain(file.path) {
        return ["'\(file.path)' is part of a unit, which a reload of the unit does not read; remove its 'reload: true'"]
      }
      let users = desired.units.map(\.unit).filter { unit in
        file.unit == unit
          || file.unit.isEmpty && situation.inventory.uses[file.path]?.contains { $0.unit == unit } == true
      }
      return try users.flatMap { try faults(of: file.path, in: $0, situation) }
    }.uniqued()
  }

  private func faults(of path: String, in unit: String, _ situation: PreflightSituation) throws -> [String] {
    let settings = try Self.settings(of: unit, situation.future)
    let facts = situation.inventory.facts[unit]
    // Of what has no unit file to read, such as a generated unit, systemd knows it.
    let canReload = settings.isEmpty ? facts?.canReload ?? false : Self.canReload(settings)
    if !canReload {
      return [
        "'\(path)' is to be taken in by a reload (reload: true), and \(unit) has no ExecReload=; add one to its unit file, "
          + "or remove 'reload: true'"
      ]
    }
    if settings.contains(where: { $0.key == "EnvironmentFile" && Self.names($0.value, path) }) {
      return [
        "'\(path)' is an EnvironmentFile= of \(unit), which is read at its start only; remove its 'reload: true'"
      ]
    }
    if settings.contains(where: { $0.key == "ExecStart" && Self.program($0.value) == path }) {
      return ["'\(path)' is the program of \(unit), which a reload does not replace; remove its 'reload: true'"]
    }
    return []
  }

  /// The settings of `[Service]`, specifiers filled in.
  private static func settings(of unit: String, _ future: PlannedFileSystem) throws -> [UnitText.Setting] {
    let name = UnitName(unit)
    return try UnitFiles(name, future).all.filter { $0.state.type == .file }.flatMap { file in
      UnitText(String(decoding: try Files.read(file.content), as: UTF8.self)).settings
        .filter { $0.section == "Service" }
        .map { UnitText.Setting(section: $0.section, key: $0.key, value: name.expand($0.value)) }
    }
  }

  /// An empty `ExecReload=` takes those before it away.
  private static func canReload(_ settings: [UnitText.Setting]) -> Bool {
    settings.last { $0.key == "ExecReload" }?.value.isEmpty == false
      || settings.last { $0.key == "Type" }?.value == "notify-reload"
  }

  private static func names(_ value: String, _ path: String) -> Bool {
    let pattern = value.hasPrefix("-") ? String(value.dropFirst()) : value
    return pattern == path || fnmatch(pattern, path, FNM_PATHNAME) == 0
  }

  /// The program of a command line, without systemd's prefixes.
  private static func program(_ value: String) -> String {
    String(value.drop { "-@:+!".contains($0) }.prefix { !$0.isWhitespace }).trimmingCharacters
  }
}

extension String {
  /// Without quotes around it.
  fileprivate var trimmingCharacters: String { filter { $0 != "\"" && $0 != "'" } }
}

internal import Deployment
internal import FileOperations
internal import Units

/// What the unit file of a service says that systemd would refuse, or that the release cannot keep.
struct UnitLint {
  private let service: Manifest.Service
  private let name: UnitName
  private let brought: [DesiredState.File]

  init(_ service: Manifest.Service, _ brought: [DesiredState.File]) {
    self.service = service
    name = UnitName(service.unit)
    self.brought = brought
  }

  func findings() throws -> [(status: CheckResult.Status, detail: String)] {
    let own = brought.filter { UnitFolders.contain($0.path) && name.files.contains(Paths.name($0.path)) }
    guard let file = own.first(where: { $0.state.type == .file }), let origin = file.origin else {
      let reason = own.isEmpty ? "its unit file is not part of the release; it has to be on the host" : "it is a link"
      return [(.skip, reason)]
    }
    let text = UnitText(String(decoding: try Files.read(origin), as: UTF8.self))
    let settings = text.settings.map {
      UnitText.Setting(section: $0.section, key: $0.key, value: name.expand($0.value))
    }
    let faults = try programs(settings) + command(settings, file.path) + reloads(settings)
    return faults.isEmpty ? [(.pass, "'\(origin)' can be read")] : faults.map { (.fail, $0) }
  }

  /// A service without anything to run is refused by systemd. A drop-in may say it.
  private func command(_ settings: [UnitText.Setting], _ path: String) -> [String] {
    let folders = Set(name.dropInFolders.map { $0 + "/" })
    let hasDropIns = brought.contains { file in folders.contains { file.path.contains("/" + $0) } }
    let runs = settings.contains {
      $0.section == "Service" && ["ExecStart", "ExecStop", "SuccessAction"].contains($0.key) && !$0.value.isEmpty
    }
    guard name.full.hasSuffix(".service"), !hasDropIns, !runs else { return [] }
    return ["'\(path)' has no ExecStart=, and systemd refuses it; add one to [Service]"]
  }

  /// Programs that the release brings can be executed.
  private func programs(_ settings: [UnitText.Setting]) throws -> [String] {
    let lines = settings.filter { $0.section == "Service" && $0.key.hasPrefix("Exec") && !$0.value.isEmpty }
    return try lines.compactMap { line in
      let word = line.value.drop { "-@:+!".contains($0) }.prefix { !$0.isWhitespace }
      let program = word.filter { $0 != "\"" && $0 != "'" }
      if program.contains("/") && !program.hasPrefix("/") {
        return "\(line.key)= names '\(program)', which is no absolute path; systemd refuses it"
      }
      guard let file = brought.first(where: { $0.path == program }), file.state.type == .file else { return nil }
      if (file.state.mode ?? 0) & 0o111 == 0 {
        return "\(line.key)= runs '\(program)', which is not executable; add mode: \"0755\" to it in the manifest"
      }
      return try file.origin.flatMap { try Self.carriageReturn(in: $0) }.map { "\(line.key)= runs '\(program)', \($0)" }
    }
  }

  /// The kernel takes a carriage return for a part of the interpreter's name.
  private static func carriageReturn(in script: String) throws -> String? {
    let first = try Files.read(script).prefix(256).prefix { $0 != UInt8(ascii: "\n") }
    guard first.starts(with: Array("#!".utf8)), first.last == UInt8(ascii: "\r") else { return nil }
    return "whose first line ends with a carriage return; save it with LF line ends"
  }

  private func reloads(_ settings: [UnitText.Setting]) -> [String] {
    let canReload = settings.contains {
      $0.section == "Service" && ($0.key == "ExecReload" || $0.key == "Type" && $0.value == "notify-reload")
    }
    guard !canReload else { return [] }
    return service.files.filter(\.reload).map { entry in
      "'\(entry.target)' says reload: true, and the unit has no ExecReload=; add one, or remove 'reload: true'"
    }
  }
}

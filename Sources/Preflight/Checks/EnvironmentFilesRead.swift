internal import Basics
internal import Deployment
internal import FileOperations
internal import Systemd
internal import Units

/// The environment files of the units will be there and say what they seem to say. systemd reads them as root.
package struct EnvironmentFilesRead: PreflightCheck {
  package func findings(_ situation: PreflightSituation) throws -> [String] {
    try situation.units.flatMap { unit in
      try unit.status.environmentFiles.flatMap { file -> [String] in
        let found = situation.future.matches(file.path)
        // What lies in /run is often made by a unit that starts before.
        if found.isEmpty && !file.isOptional && !file.path.hasPrefix("/run/") {
          return [
            "EnvironmentFile= of '\(unit.name.full)': '\(file.path)' will not exist; add it to the release, or write "
              + "EnvironmentFile=-\(file.path) if it may be absent"
          ]
        }
        return try found.flatMap { try faults(of: $0, isOptional: file.isOptional, situation) }.map {
          "EnvironmentFile= of '\(unit.name.full)': \($0)"
        }
      }
    }.uniqued()
  }

  package func remarks(_ situation: PreflightSituation) -> [String] {
    let paths = situation.units.flatMap { $0.status.environmentFiles.map(\.path) }.uniqued()
    return paths.flatMap(situation.future.matches).flatMap { path -> [String] in
      guard let file = situation.future.look(path), file.state.type == .file, file.isNew,
        let bytes = try? Files.read(file.content)
      else { return [] }
      return EnvironmentText(bytes).doubts.map { "\(path): \($0)" }
    }
  }

  private func faults(of path: String, isOptional: Bool, _ situation: PreflightSituation) throws -> [String] {
    if !EnvironmentPipes.among([path]).isEmpty {
      return ["'\(path)' is no plain file, and systemd as a whole would wait for a pipe; put a plain file there"]
    }
    guard let file = situation.future.look(path), file.state.type != .other else { return [] }
    guard file.state.type == .file else {
      return isOptional ? [] : ["\(path) is a folder, not a file; fix the unit file"]
    }
    let text = EnvironmentText(try Files.read(file.content))
    if let fault = text.fault { return isOptional && !file.isNew ? [] : ["'\(path)': \(fault); fix the file"] }
    // What the host has had all along it may go on having; what is new says what it means.
    return file.isNew ? text.dropped.map { "'\(path)': \($0); fix the file" } : []
  }
}

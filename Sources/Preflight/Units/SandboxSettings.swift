internal import FileOperations
internal import Units

/// The settings of a service that decide which files it sees and may read.
package enum SandboxSettings {
  /// Another file tree than the host's.
  package static let roots: Set = [
    "RootDirectory", "RootImage", "MountImages", "ExtensionImages", "ExtensionDirectories",
  ]
  /// Taken over as they are by the unit that asks.
  package static let asked: Set = [
    "User", "Group", "SupplementaryGroups", "DynamicUser", "PrivateUsers", "CapabilityBoundingSet",
    "AmbientCapabilities", "PrivateDevices", "ProtectHome", "ProtectKernelModules", "InaccessiblePaths",
    "InaccessibleDirectories",
  ]
  /// Mounts over a path. systemd makes the path where it does not exist, which a question must not.
  package static let mounts: Set = ["BindPaths", "BindReadOnlyPaths", "TemporaryFileSystem"]
  /// Folders that systemd makes for the service, and where.
  package static let managed = [
    "StateDirectory": "/var/lib", "RuntimeDirectory": "/run", "CacheDirectory": "/var/cache",
    "LogsDirectory": "/var/log", "ConfigurationDirectory": "/etc",
  ]
  package static let keys = roots.union(asked).union(mounts).union(managed.keys)
}

extension PlannedUnit {
  /// The setting that keeps the unit from seeing a path; `nil` for none.
  package func hiding(_ path: String) -> String? {
    func covers(_ folder: some StringProtocol) -> Bool { path == folder || path.hasPrefix(folder + "/") }
    // What is mounted on purpose is seen again.
    let shown = sandbox.filter { $0.key.hasPrefix("Bind") }.flatMap { $0.value.split(separator: " ") }
      .contains { covers($0.split(separator: ":").last ?? $0) }
    guard !shown else { return nil }
    let home = sandbox.last { $0.key == "ProtectHome" }?.value.lowercased() ?? "no"
    if ["yes", "true", "on", "1", "tmpfs"].contains(home), ["/home", "/root", "/run/user"].contains(where: covers) {
      return "ProtectHome=\(home)"
    }
    return sandbox.first { setting in
      setting.key.hasPrefix("Inaccessible")
        && setting.value.split(separator: " ").contains { covers($0.drop { "-+".contains($0) }) }
    }.map { "\($0.key)=\($0.value)" }
  }

  /// Where systemd makes folders for it; what is under them is not there yet, or is seen by nobody else.
  package var managedFolders: [String] {
    sandbox.flatMap { setting -> [String] in
      guard let root = SandboxSettings.managed[setting.key] else { return [] }
      return setting.value.split(separator: " ").map { root + "/" + ($0.split(separator: ":").first ?? $0) }
    }
  }

  /// The lines of the unit that asks; empty where this one runs as root and sees all.
  package var question: [String] {
    let named = isDynamic ? user.map { ["User=\($0)"] } ?? [] : []
    return named
      + sandbox.compactMap { setting -> String? in
        if setting.key == "User" && isDynamic { return nil }
        if SandboxSettings.asked.contains(setting.key) { return "\(setting.key)=\(setting.value)" }
        guard SandboxSettings.mounts.contains(setting.key) else { return nil }
        guard !setting.value.isEmpty else { return "\(setting.key)=" }
        let there = setting.value.split(separator: " ").filter { word in
          let parts = word.split(separator: ":")
          let path = (setting.key.hasPrefix("Bind") ? parts.dropFirst().first : nil) ?? parts.first ?? word
          return Files.exists(String(path.first == "-" ? path.dropFirst() : path))
        }
        return there.isEmpty ? nil : "\(setting.key)=\(there.joined(separator: " "))"
      }
  }
}

internal import Deployment
internal import FileOperations
internal import Glibc
package import HostState
package import Releases

/// What is to be rehearsed, and how.
package struct RehearsalRequest: Sendable {
  /// The release: a folder, a manifest or an archive, absolute, without symlinks.
  package var release: String
  /// The manifest's name.
  package var name: String
  /// The units of the release and of what is installed under that name.
  package var own: [String]
  /// Of the Redis that the manifest is about; `nil` where it is about none.
  package var redis: String?
  /// The backup store, absolute.
  package var store: String
  /// qtctl's own folder.
  package let state: String
  /// Options of the deploy, as they are typed.
  package var options: [String] = []
  /// How long every unit must stay up, as it is typed; `nil`: as in the manifest.
  package var stable: String?
  /// Whether the checks run.
  package var verifies = true
  /// Whether the machine is rebooted after the deploy.
  package var reboots = true
  /// Units that run in the machine though none of the release requires them.
  package var with: [String] = []
  /// The most bytes of memory that the machine may take; `nil`: half of what is free.
  package var memory: Int?
  /// What qtctl in the machine gets beside `QTCTL_BACKUPS`.
  package var environment: [String: String] = [:]

  /// Finds out what a release is about. Nothing is unpacked.
  ///
  /// - Parameters:
  ///   - path: a folder, a manifest or an archive.
  ///   - caller: the process's environment.
  package init(_ path: String, caller: Environment) throws {
    guard let real = Paths.of(path) else { throw Refusal(["release '\(path)' does not exist"]) }
    guard ReleaseArchive.isArchive(real) else {
      try self.init(Release(at: real), at: real, caller: caller)
      return
    }
    let manifest = try ReleaseArchive.manifest(in: real)
    let targets = (manifest.files + manifest.services.flatMap(\.files)).map(\.target)
    let units = manifest.services.map(\.unit) + targets.compactMap { UnitFolders.unit(ofFile: $0) }
    try self.init(manifest, units, at: real, home: real, caller)
  }

  /// The same of a release that was read.
  ///
  /// - Parameter path: its folder or manifest.
  package init(_ release: Release, at path: String, caller: Environment) throws {
    try self.init(release.manifest, release.desired.units.map(\.unit), at: path, home: release.folder, caller)
  }

  private init(
    _ manifest: Manifest, _ units: [String], at path: String, home: String, _ caller: Environment
  ) throws {
    let installed = try InstalledReleases(caller.state).record(manifest.name)
    release = path
    name = manifest.name
    own = Set(units + (installed?.units ?? [])).sorted()
    redis = manifest.effectiveRedis == nil ? nil : caller.redis ?? manifest.effectiveRedis
    store = caller.backups ?? StorePath.of(manifest, in: home, installed)
    state = caller.state.path
    environment["QTCTL_STATE"] = state
    environment["QTCTL_METRICS"] = "off"
    environment["QTCTL_REDIS"] = caller.redis
    environment["QTCTL_REDIS_USER"] = caller.redisUser
    // Who may own a release.
    for name in ["SUDO_USER", "SUDO_UID", "SUDO_GID", "PKEXEC_UID"] {
      environment[name] = getenv(name).map { String(cString: $0) }
    }
  }
}

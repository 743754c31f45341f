package import Deployment
internal import HostState
internal import Manifests
package import Releases
package import Verification

/// What has to be proved after a transaction, and with how much time.
package struct VerificationSpec: Sendable {
  /// Units that must be up, in start order.
  package var units: [String]
  /// Files that must be as stated, absent ones included.
  package var files: [InstalledRecord.File]
  package var verify: Manifest.Verify
  /// The address of Redis; `nil` where nothing concerns Redis.
  package var redis: String?
  /// A further user whose Redis may be told its password; `nil`: as the environment of this process says.
  package var redisUser: String?
  /// How long every unit must stay up; `nil`: as the manifest says.
  package var stable: Duration?
  /// Whether a probe may be sent through the pipeline.
  package var probe = true
  /// Only what was logged since then counts, in microseconds since 1970; `nil`: since the checks began.
  package var since: Int64?
  /// The files that the transaction changed.
  package var changed: Set<String> = []
  /// Units of no manifest that were active, and that the transaction stopped or paused.
  package var others: [String] = []
  /// Units whose failures only warn.
  package var lenient: Set<String> = []
  /// Files that a unit may have taken in by a reload, so that its processes may be older than they are.
  package var reloaded: Set<String> = []
  /// Units that need not be up: those that the manifest wants stopped, or as they were found.
  package var idle: [String: DesiredState.Unit.Target] = [:]
  /// How things stood before the transaction, so that it is not blamed for what was wrong already.
  package var baseline: Baseline?
  /// Where it is taken down how the groups stand; `nil`: nowhere.
  package var samples: GroupSampleLog?

  package init(
    units: [String], files: [InstalledRecord.File], verify: Manifest.Verify, redis: String?
  ) {
    self.units = units
    self.files = files
    self.verify = verify
    self.redis = redis
  }

  /// That the host is what an installed record says.
  package init(_ record: InstalledRecord, manifest: Manifest, redis: String?) {
    self.init(
      units: record.running, files: record.files.filter { !$0.keep }, verify: manifest.verify,
      redis: redis ?? manifest.effectiveRedis)
    add(manifest)
    lenient.formUnion(record.ailing ?? [])
  }

  /// What the manifest says of units beyond their names.
  private mutating func add(_ manifest: Manifest) {
    lenient = manifest.lenientUnits
    reloaded = manifest.reloadedTargets
    for service in manifest.services where !units.contains(service.unit) { idle[service.unit] = service.state }
  }

  /// That the host is what a backup holds: its files, the units that ran, and the checks of the manifest that was in
  /// force then, where one was.
  init(_ backup: BackupRecord, redis: String?) {
    let manifest = backup.installed?.decoded
    self.init(
      units: backup.units.filter(\.state.starts).map(\.state.unit),
      files: backup.entries.map {
        InstalledRecord.File(path: $0.path, unit: $0.unit, state: $0.state, secret: $0.secret, keep: false)
      },
      verify: manifest?.verify ?? Manifest.Verify(),
      redis: manifest.flatMap { redis ?? $0.effectiveRedis })
    lenient = manifest?.lenientUnits ?? []
    reloaded = manifest?.reloadedTargets ?? []
    // Where nothing ran, there is nothing to watch.
    if units.isEmpty { stable = .zero }
  }

  /// That the host is as the last transaction left it, by the checks of the manifest in hand.
  package init(_ lookup: ManifestLookup, redis: String?) throws {
    if let installed = lookup.installed {
      self.init(installed, manifest: lookup.manifest, redis: redis)
      return
    }
    let release = try Release(lookup.found())
    self.init(
      units: release.desired.units.filter { $0.target == nil || $0.target == .running }.map(\.unit),
      files: release.desired.files.filter { !$0.keep }.map {
        var state = $0.state
        // The host decides it.
        if $0.tree != nil { state.mode = nil }
        return InstalledRecord.File(path: $0.path, unit: $0.unit, state: state, secret: $0.secret, keep: $0.keep)
      }, verify: lookup.manifest.verify, redis: redis ?? lookup.manifest.effectiveRedis)
    add(lookup.manifest)
  }

  /// What the checks may take at the most: the window, and beside it the longest of their own waits.
  var patience: Duration {
    let waits = verify.commands.map(\.within) + verify.http.map(\.within) + verify.tcp.map(\.within)
    return (stable ?? verify.stable) + (waits.max() ?? .zero) + (verify.duplicates?.within ?? .zero) + .seconds(30)
  }

  /// With waits that fit what is left until the deadline: half of it for the window, no check longer than all of it.
  package func limited(by deadline: ContinuousClock.Instant) -> VerificationSpec {
    let left = max(.seconds(1), deadline - .now)
    var spec = self
    spec.stable = min(stable ?? verify.stable, left / 2)
    spec.verify.duplicates?.within = min(verify.duplicates?.within ?? left, left)
    for index in verify.commands.indices {
      spec.verify.commands[index].within = min(verify.commands[index].within, left)
    }
    for index in verify.http.indices { spec.verify.http[index].within = min(verify.http[index].within, left) }
    for index in verify.tcp.indices { spec.verify.tcp[index].within = min(verify.tcp[index].within, left) }
    return spec
  }
}

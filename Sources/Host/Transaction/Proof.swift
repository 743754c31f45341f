public import Deployment
internal import Verification

/// What has to be proved after a transaction, and with how much time.
public struct Proof: Sendable {
  /// Units that must be up, in start order.
  public var units: [String]
  /// Files that must be as stated, absent ones included.
  public var files: [InstalledRecord.File]
  public var verify: Manifest.Verify
  /// The address of Redis; `nil` where nothing concerns Redis.
  public var redis: String?
  /// How long every unit must stay up; `nil`: as the manifest says.
  public var stable: Duration?
  /// Whether a probe may be sent through the pipeline.
  public var probe = true
  /// Only what was logged since then counts, in microseconds since 1970; `nil`: since the proof began.
  public var since: Int64?
  /// How things stood before the transaction, so that it is not blamed for what was wrong already.
  public var baseline: Baseline?

  public init(
    units: [String], files: [InstalledRecord.File], verify: Manifest.Verify, redis: String?
  ) {
    self.units = units
    self.files = files
    self.verify = verify
    self.redis = redis
  }

  /// That the host is what an installed record says.
  public init(_ record: InstalledRecord, manifest: Manifest, redis: String?) {
    self.init(
      units: record.units, files: record.files.filter { !$0.keep }, verify: manifest.verify,
      redis: redis ?? manifest.effectiveRedis)
  }

  /// That the host is what a backup holds: its files, the units that ran, and the checks of the manifest that was in
  /// force then, where one was.
  init(_ backup: BackupRecord, redis: String?) {
    let manifest = backup.installed.flatMap { try? Manifest(yaml: $0.manifest, file: $0.folder + "/qtctl.yaml") }
    self.init(
      units: backup.units.filter(\.state.starts).map(\.state.unit),
      files: backup.entries.map {
        InstalledRecord.File(path: $0.path, unit: $0.unit, state: $0.state, secret: $0.secret, keep: false)
      },
      verify: manifest?.verify ?? Manifest.Verify(),
      redis: manifest.flatMap { redis ?? $0.effectiveRedis })
    // Where nothing ran, there is nothing to watch.
    if units.isEmpty { stable = .zero }
  }
}

package import Commit
package import Deployment
internal import FileOperations
internal import HostState
internal import Manifests
package import Systemd
package import Transactions
internal import Units

/// Begins, shows and ends watches. What one look does is in `Watcher+look.swift`.
package struct Watcher {
  let context: HostContext
  let manager: ServiceManager
  let recorder: StepRecorder
  var tell: (CheckResult) -> Void = { _ in }
  /// `$QTCTL_METRICS` of this process, for the looks to come.
  var metrics: String?

  package init(
    _ context: HostContext, manager: ServiceManager, recorder: StepRecorder, metrics: String? = nil,
    tell: @escaping (CheckResult) -> Void = { _ in }
  ) {
    self.context = context
    self.manager = manager
    self.recorder = recorder
    self.metrics = metrics
    self.tell = tell
  }

  var store: WatchStore { WatchStore(context.state) }
  var units: WatchUnits { WatchUnits(manager: manager) }

  /// What services hold that have run for long: what they are compared with when another release runs.
  package func settledMemory(_ name: String) -> [String: Int] {
    guard let installed = try? InstalledReleases(context.state).record(name) else { return [:] }
    let every = (installed.decoded?.effectiveWatch ?? Manifest.Watch()).every / .seconds(1)
    return MemoryReading().settled(installed.units, manager, age: every * 60, now: context.now())
  }

  /// Verifies what is on the host, before a watch of it begins.
  package func prove(_ name: String) async throws -> [CheckResult] {
    if let holder = LockHolder.current(context.state) { throw LockError.held(holder, path: context.state.lock) }
    let (installed, manifest) = try installed(name)
    return await context.health.verify(
      VerificationSpec(installed, manifest: manifest, redis: context.redisAddress), tell: tell)
  }

  private func installed(_ name: String) throws -> (InstalledRecord, Manifest) {
    guard let installed = try InstalledReleases(context.state).record(name), let manifest = installed.decoded else {
      throw Refusal(["'\(name)' was not deployed on this host, so that there is nothing to watch; deploy it first"])
    }
    return (installed, manifest)
  }

  /// Begins to watch what is on the host, in place of an earlier watch of that name.
  ///
  /// - Parameters:
  ///   - length: `nil`: as the manifest says.
  ///   - checks: of the verification that it follows.
  ///   - usualMemory: by unit, from before the release.
  /// - Returns: the watch.
  /// - Throws: `Refusal` where nothing is deployed, or where a rollback is asked for and no backup is known.
  package func begin(
    _ name: String, for length: Duration?, after checks: [CheckResult], usualMemory: [String: Int] = [:]
  ) throws -> WatchRecord {
    guard Caller.isRoot else {
      throw Refusal(["this command writes units of systemd and needs root; run it with sudo"])
    }
    let (installed, manifest) = try installed(name)
    let watch = manifest.effectiveWatch
    let now = context.now()
    let seconds = Int(min(max(length ?? watch.length, .seconds(1)), Manifest.Watch.longest) / .seconds(1))
    var record = WatchRecord(
      name: name, release: installed.release, installed: installed.at, store: installed.store, began: now,
      until: now + seconds, rules: .init(watch))
    record.stamp = wayBack(installed)
    if watch.onFailure == .rollback, record.stamp == nil {
      throw Refusal([
        "no backup from before \(name) \(installed.release) is known, so that the watch could not roll back; "
          + "set 'watch.on-failure' to alarm, or deploy again"
      ])
    }
    (record.redis, record.redisUser) = (context.redisAddress, context.redisUser)
    record.usualMemory = usualMemory
    record.baseline = context.health.baseline(
      VerificationSpec(installed, manifest: manifest, redis: context.redisAddress))
    // What failed when it was looked at last is no measure.
    let earlier = (try? self.store.record(name)).flatMap { $0.course.failing == 0 ? $0.comparison : nil }
    record.comparison.begin(with: checks, after: earlier)
    // The record first: a timer without one would look in vain.
    try store.write(record)
    let most = LookSpec.longest(record, manifest) + manifest.rollback.deadline * 3 + .seconds(600)
    do {
      try units.begin(
        name, every: record.rules.every, limit: most, program: context.program ?? "/usr/local/bin/qtctl",
        environment: environment)
    } catch {
      try? units.end(name)
      try? store.remove(name)
      throw error
    }
    WatchEvent.began(record).send()
    return record
  }

  /// Ends the watch of a name; it may also be one whose record cannot be read.
  ///
  /// - Returns: the watch that was ended; `nil` where none was going on.
  package func stop(_ name: String) throws -> WatchRecord? {
    guard Caller.isRoot else {
      throw Refusal(["this command removes units of systemd and needs root; run it with sudo"])
    }
    let found: WatchRecord?
    do {
      found = try store.record(name)
    } catch is UnreadableRecord {
      try units.end(name)
      try store.remove(name)
      return nil
    }
    guard var record = found, record.end == nil else {
      try units.end(name)
      return nil
    }
    try end(&record, .stopped, "\(context.user) stopped it")
    return record
  }

  /// The watch that is going on; `nil` where none is.
  package func current(_ name: String) throws -> WatchRecord? {
    try store.record(name).flatMap { $0.end == nil ? $0 : nil }
  }

  /// Writes down the end, then takes the units away: whoever finds the one without the other goes on from there.
  func end(_ record: inout WatchRecord, _ kind: WatchRecord.End.Kind, _ why: String) throws {
    record.end = .init(kind: kind, at: context.now(), why: why)
    record.skipped = nil
    guard try store.update(record) else { return }
    WatchEvent.ended(record).send()
    try units.end(record.name)
  }

  private var environment: [String] {
    ["QTCTL_STATE=" + context.state.path] + (metrics.map { ["QTCTL_METRICS=" + $0] } ?? [])
  }

  /// The backup of the state before what is installed, where a deploy brought it. One that a rollback brought has no way
  /// back: its backup holds what was left.
  private func wayBack(_ installed: InstalledRecord) -> Stamp? {
    let ends: Set<Outcome> = [.deployed, .unverified, .rolledBack, .failed]
    let entry = try? History(context.state).newest(holding: installed.release.digest) {
      $0.name == installed.name && $0.to == installed.release && ends.contains($0.end) && !$0.isCommand
    }
    guard let entry, entry.end != .rolledBack, entry.verb == "deploy" else { return nil }
    return entry.stamp
  }
}

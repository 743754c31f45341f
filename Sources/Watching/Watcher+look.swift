internal import Backups
internal import Basics
package import Deployment
internal import FileOperations
internal import Glibc
internal import HostState
internal import Manifests
internal import Systemd
package import Transactions
internal import Units

/// What one look came to.
package struct LookOutcome: Sendable {
  package enum Kind: Sendable, Hashable {
    /// Nothing was found.
    case well
    /// Something was found.
    case failing
    /// Nobody looked.
    case skipped
    /// There is no watch any more.
    case over
  }

  package var kind: Kind
  package var record: WatchRecord?
  package var checks: [CheckResult] = []
  /// In sentences.
  package var message: String
  /// The rollback, where the look led to one that was carried out.
  package var rollback: TransactionResult?
}

extension Watcher {
  /// One look: verifies, compares with the looks before, and does what follows from it. What the timer runs.
  ///
  /// It takes no lock, and passes over a host that somebody else is changing.
  package func look(_ name: String) async throws -> LookOutcome {
    guard Caller.isRoot else { throw Refusal(["a look needs root; run it with sudo"]) }
    guard let ticket = try LookTicket(name, context.state) else {
      return LookOutcome(kind: .skipped, message: "another look is going on")
    }
    defer { ticket.giveBack() }
    guard var record = try store.record(name) else {
      try units.end(name)
      return LookOutcome(
        kind: .over, message: "nothing of '\(name)' is watched; begin with: qtctl watch --name \(name)")
    }
    guard record.end == nil else {
      try units.end(name)
      return LookOutcome(
        kind: .over, record: record, message: "the watch of \(name) has \(record.sentence(at: context.now()))")
    }
    let found = try InstalledReleases(context.state).record(name)
    if let why = try superseded(record, found) {
      try end(&record, .superseded, why)
      return LookOutcome(kind: .over, record: record, message: "the watch of \(name) has ended: \(why)")
    }
    guard let installed = found, let manifest = installed.decoded else {
      throw Refusal(["the manifest that '\(name)' was deployed with cannot be read; end the watch: qtctl watch --stop"])
    }
    if record.until <= context.now() {
      let failing = record.course.failing
      let last = failing == 0 ? "" : "; the last \(failing == 1 ? "one" : "\(failing)") found something"
      let why = "its time is over, after \(record.course.looks) looks\(last)"
      try end(&record, .over, why)
      return LookOutcome(kind: .over, record: record, message: "the watch of \(name) has ended: \(why)")
    }
    if let why = try obstacle(record) { return try pass(over: &record, why) }
    return try await look(&record, installed, manifest)
  }

  private func look(
    _ record: inout WatchRecord, _ installed: InstalledRecord, _ manifest: Manifest
  ) async throws -> LookOutcome {
    let (now, boot) = (TransactionLock.secondsSinceBoot, Self.boot)
    let isDue = record.lastThorough.map { $0.boot != boot || Double(now - $0.at) + 1 >= record.rules.probe } ?? true
    // What only a thorough look sees is looked at again at once.
    let isThorough = isDue || record.course.failing > 0
    let spec = LookSpec.spec(record, installed, manifest, isThorough: isThorough, context)
    let checks = await context.health.verify(spec, tell: tell)
    guard !checks.isEmpty else { return try pass(over: &record, "it was interrupted") }
    // What somebody has begun meanwhile explains whatever was seen.
    if let why = try obstacle(record) { return try pass(over: &record, why) }
    if try superseded(record, InstalledReleases(context.state).record(record.name)) != nil {
      return try pass(over: &record, "another transaction came first")
    }
    var look = Look(at: TransactionLock.secondsSinceBoot, boot: boot, checks: checks)
    look.units = MemoryReading().samples(of: installed.running, manager)
    var rules = LookRules(
      every: record.rules.every, failures: record.rules.failures, lenient: LookSpec.lenient(manifest, installed),
      usualMemory: record.usualMemory)
    rules.slow = record.rules.slow
    let compared = record.comparison.add(look, rules)
    for finding in compared { tell(finding) }
    let findings = WatchCourse.findings(checks, compared)
    let action = record.course.take(findings, failures: record.rules.failures, response: record.rules.response)
    record.baseline = record.baseline?.after(checks)
    record.lastLook = context.now()
    record.skipped = nil
    if isThorough { record.lastThorough = .init(boot: boot, at: now) }
    guard try store.update(record) else {
      return LookOutcome(kind: .skipped, message: "the watch was ended or begun anew meanwhile")
    }
    var outcome = LookOutcome(
      kind: findings.isEmpty ? .well : .failing, record: record, checks: checks + compared,
      message: "\(record.name): watched \(record.sentence(at: context.now()))")
    switch action {
    case .none: break
    case .recovered: WatchEvent.recovered(record).send()
    case .alarm: outcome.message += alarm(record, installed)
    case .rollback: try await rollBack(&record, installed, &outcome)
    }
    outcome.record = record
    return outcome
  }

  private func pass(over record: inout WatchRecord, _ why: String) throws -> LookOutcome {
    record.skipped = why
    _ = try store.update(record)
    return LookOutcome(kind: .skipped, record: record, message: "no look was taken: \(why)")
  }

  /// Why nobody can tell anything of the host right now; `nil` where a look makes sense.
  private func obstacle(_ record: WatchRecord) throws -> String? {
    if let holder = LockHolder.current(context.state) { return "a transaction is in progress: \(holder)" }
    if let waiting = Recovery.waiting(context.state) { return waiting }
    let state = try manager.properties().systemState
    if ["initializing", "starting", "stopping", "maintenance"].contains(state) { return "the host is \(state)" }
    let entries = try History(context.state).last(20, of: record.name).entries.filter { $0.started >= record.began }
    if let last = entries.last(where: { ["start", "stop", "restart"].contains($0.verb) }), last.verb == "stop" {
      return "\(last.user) stopped \(last.reason ?? "services") with qtctl; the watch goes on after: qtctl start"
    }
    return nil
  }

  /// Why what runs is no longer what the watch began with; `nil` where it is.
  private func superseded(_ record: WatchRecord, _ installed: InstalledRecord?) throws -> String? {
    guard let installed else { return "nothing is deployed under its name any more" }
    let entries = try History(context.state).last(20, of: record.name).entries
    let newer = entries.last { entry in
      // What changes nothing ends nothing.
      entry.started > record.began && !entry.isCommand && entry.end != .unchanged && entry.end != .backedUp
    }
    if let newer { return "a newer transaction came: \(newer.verb) of \(newer.user), \(newer.end.rawValue)" }
    return installed.release == record.release ? nil : "\(installed.release) is deployed now"
  }

  private static var boot: String {
    let bytes = (try? Files.read("/proc/sys/kernel/random/boot_id")) ?? []
    return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }
}

/// One look of a watch at a time: the timer's and one that a person asks for.
private struct LookTicket {
  private let file: Int32

  /// `nil` where another look is going on.
  init?(_ name: String, _ state: StateFolder) throws {
    try state.prepare()
    try Files.makeFolders(state.watches, mode: 0o700)
    let path = state.watch(name) + ".lock"
    let opened = try Files.check("open", path) { Int(open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)) }
    file = Int32(opened)
    guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
      close(file)
      return nil
    }
  }

  func giveBack() { close(file) }
}

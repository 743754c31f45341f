internal import Basics
internal import Deployment
internal import Glibc
internal import Redis
internal import Synchronization

/// One run of a verification: what is verified, its window, and what its checks share. Each thing is looked at once,
/// when the first check asks for it.
final class VerificationRun: Sendable {
  let subject: VerificationSubject
  let options: VerificationOptions
  let window: Window

  private let unitLook = Shared<[String: Result<UnitView, ProbeError>]>()
  private let unitWatch = Shared<[String: UnitWatch.End]>()
  private let processLook = Shared<[String: [ProcessView]]>()
  private let fileLook = Shared<FileSet>()
  private let redisStart = Shared<Result<RedisView, ProbeError>>()
  private let redisEnd = Shared<Result<RedisView, ProbeError>>()
  private let proof = Shared<Observation<Result<ProofView, ProbeError>>>()

  init(_ subject: VerificationSubject, _ options: VerificationOptions) {
    self.subject = subject
    self.options = options
    window = Window(length: options.stable ?? subject.verify.stable)
  }

  // MARK: Units and files

  /// How a unit was when the window began.
  func unit(_ name: String) async -> Result<UnitView, ProbeError> {
    await units()[name] ?? .failure(ProbeError("it was not looked at"))
  }

  private func units() async -> [String: Result<UnitView, ProbeError>] {
    let proof = subject.verify.duplicates
    let names = (subject.units.map(\.name) + subject.others + [proof?.unit, proof?.terminal?.unit].compactMap { $0 })
      .uniqued()
    return await unitLook.value { await BlockingThread.run { UnitView.look(at: names) } }
  }

  /// How a unit that was active when the window began was at its end.
  func watched(_ name: String) async -> UnitWatch.End? {
    await unitWatch.value { [self] in
      let start = await units().compactMapValues { try? $0.get() }
        .filter { $0.value.isActive || $0.value.comesAndGoes }
      // A unit that is excused or only warns does not end the window.
      let decisive = subject.units.filter { unit in
        guard let view = start[unit.name], unit.severity == .fail else { return false }
        return !UnitActive.isExcused(unit, view, subject.baseline?.units?[unit.name])
      }
      return await UnitWatch(start: start, decisive: Set(decisive.map(\.name))).run(window)
    }[name]
  }

  /// Every process of an active unit.
  func processes(of unit: String) async -> [ProcessView] {
    await processLook.value { [self] in
      let views = await units().compactMapValues { try? $0.get() }.filter(\.value.isActive)
      return await BlockingThread.run {
        views.compactMapValues { view in view.controlGroup.map { ProcessView.look(atGroup: $0, orAt: view.pid) } }
      }
    }[unit] ?? []
  }

  func files() async -> FileSet {
    // Each of thousands of checks asks; only the first one makes the list.
    await fileLook.value { [self] in
      let (files, digests) = (subject.files, subject.digests)
      return await BlockingThread.run { FileSet.look(at: files, digests) }
    }
  }

  // MARK: Redis

  /// What the checks of Redis see; a failure is for `redis.reachable` to report.
  func redis(_ moment: Moment) async -> Result<RedisView, ProbeError> {
    guard case .end = moment else {
      return await redisStart.value { [self] in await look(since: subject.baseline?.deadLetters) }
    }
    return await redisEnd.value { [self] in
      let start = try? await redis(.start).get().deadLetters.compactMapValues { try? $0.get().mark }
      return await look(since: subject.baseline?.deadLetters ?? start)
    }
  }

  private func look(since marks: [String: DeadLetterMark]?) async -> Result<RedisView, ProbeError> {
    await look(at: subject.verify.deadLetters.map { ($0, marks?[$0]) }, isMark: true)
  }

  /// - Parameter isMark: whether what it sees of the groups is kept whatever else is seen of them.
  private func look(
    at deadLetters: [(stream: String, mark: DeadLetterMark?)], isMark: Bool
  ) async -> Result<RedisView, ProbeError> {
    let endpoint: Endpoint
    do { endpoint = try subject.redisEndpoint() } catch { return .failure(error) }
    let patience = options.patience
    let (groups, user) = (subject.verify.groups, subject.redisUser)
    let look = await BlockingThread.run(within: patience * 3) {
      RedisView.look(
        at: endpoint, groups: groups, deadLetters: deadLetters, patience: patience, trust: RedisUsers(named: user))
    }
    if case .success(let view)? = look { subject.samples?.add(view, groups, isMark: isMark) }
    return look ?? .failure(ProbeError("it did not answer within \((patience * 3).text)"))
  }

  /// Looks at the groups while the window lasts, for whoever wants to see how they went: every second, of a long window
  /// forty times. No check depends on it.
  func sampleGroups() async {
    guard subject.samples != nil, !subject.verify.groups.isEmpty, case .success = await redis(.start) else { return }
    let pause = max(.seconds(1), window.length / 40)
    while true {
      await window.sleep(for: pause)
      if window.isOver || Task.isCancelled { return }
      _ = await look(at: [], isMark: false)
    }
  }

  /// What a check sees of Redis that does not itself report that Redis cannot be reached.
  func redisView(_ moment: Moment) async -> Observation<RedisView> {
    switch await redis(moment) {
    case .success(let view): .seen(view)
    case .failure: .skipped(because: subject.redis == nil ? "the manifest names no Redis" : "Redis is not reachable")
    }
  }

  func stream(_ name: String, _ moment: Moment) async -> Observation<StreamView> {
    await redisView(moment).flatMap { view in
      guard case .success(.stream(let stream))? = view.keys[name] else {
        return .skipped(because: "\(name) is not a stream that can be looked at")
      }
      return .seen(stream)
    }
  }

  func group(_ wanted: Manifest.ConsumerGroup, _ moment: Moment) async -> Observation<GroupObservation> {
    let movement = await movement(of: wanted, moment)
    let readers = try? await redis(moment).get().readers
    return await stream(wanted.stream, moment).flatMap { stream in
      guard let group = stream.group(wanted.group) else {
        return .skipped(because: "the group does not exist on \(wanted.stream)")
      }
      var seen = GroupObservation(group, on: stream)
      seen.readers = readers
      seen.silence = options.silence
      seen.over = movement
      seen.before = subject.baseline?.group(wanted)
      if case .start = moment { seen.isStart = true }
      return .seen(seen)
    }
  }

  /// How the group stood when the window began; `nil` where there is none or it was cut short, so that nothing had to
  /// move.
  private func movement(of wanted: Manifest.ConsumerGroup, _ moment: Moment) async -> GroupMovement? {
    guard case .end = moment, window.endedBecause == nil,
      case .seen(let start) = await stream(wanted.stream, .start), let group = start.group(wanted.group)
    else { return nil }
    return GroupMovement(start: group, window: window.length)
  }

  // MARK: The duplicate proof

  /// What became of the probes. It takes until the end of the window.
  func duplicateProof(_ wanted: Manifest.Duplicates) async -> Observation<Result<ProofView, ProbeError>> {
    await proof.value { [self] in await prove(wanted) }
  }

  private func prove(_ wanted: Manifest.Duplicates) async -> Observation<Result<ProofView, ProbeError>> {
    // Redis, systemd and the journals are asked at the same time.
    async let redis = redisView(.start)
    let isWanted = options.probe && wanted.probe != .off
    async let marks = isWanted ? logs(of: wanted) : nil
    if case .skipped(let reason) = await redis { return .skipped(because: reason) }
    guard options.probe else {
      return .skipped(because: "the probe is switched off; that duplicates are skipped is not proved")
    }
    guard wanted.probe != .off else {
      return .skipped(
        because: "the manifest switches the probe off (verify.duplicates.probe); that duplicates are skipped and that"
          + " anything else passes is not proved")
    }
    // A probe into a pipeline that stands still proves nothing new, takes its whole deadline and stays in the stream.
    for name in [wanted.unit, wanted.terminal?.unit].compactMap({ $0 }) {
      if case .success(let view) = await unit(name), !view.isActive {
        return .skipped(because: "\(name) is not active")
      }
    }
    guard let endpoint = try? subject.redisEndpoint(), let logs = await marks else {
      return .skipped(because: "Redis is not reachable")
    }
    var proof = DuplicateProof(wanted: wanted, endpoint: endpoint, patience: options.patience, logs: logs)
    proof.trust = RedisUsers(named: subject.redisUser)
    return .seen(await proof.run(window: window))
  }

  /// The ends of the logs, where the probes are to be found later.
  private func logs(of wanted: Manifest.Duplicates) async -> DuplicateProof.Logs {
    let units = await units()
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    let since = subject.since ?? Int64(now.seconds * 1e6)
    @Sendable func mark(_ unit: String) async -> LogSource {
      let file = subject.verify.files.first { $0.unit == unit }?.log
      return await BlockingThread.run {
        LogSource.mark(unit: unit, file: file, state: units[unit], since: since, plain: wanted.probe != .decision)
      }
    }
    guard let terminal = wanted.terminal else { return DuplicateProof.Logs(skips: await mark(wanted.unit)) }
    async let skips = mark(wanted.unit)
    async let terminals = mark(terminal.unit)
    return await DuplicateProof.Logs(skips: skips, terminals: terminals)
  }
}

/// Something that is worked out once, by whoever asks for it first.
private final class Shared<Value: Sendable>: Sendable {
  private let task = Mutex<Task<Value, Never>?>(nil)

  func value(_ work: @escaping @Sendable () async -> Value) async -> Value {
    let task = task.withLock { task in
      if let task { return task }
      let new = Task { await work() }
      task = new
      return new
    }
    return await task.value
  }
}

import EventBus
import Glibc
import Redis
import SystemPackage
import TestSupport
import Trading

/// One run, from the first process to the verdict.
struct Run {
  private let settings: Settings
  private let patience: Duration
  private let keep: Bool
  private let plan: Plan
  private let decisions: Decisions
  private let console = Console()

  init(_ settings: Settings, patience: Duration, keep: Bool) {
    self.settings = settings
    self.patience = patience
    self.keep = keep
    plan = Plan(settings, programs: Stage.programs)
    decisions = Decisions(seed: settings.seed, start: .now())
  }

  /// True when every promise was kept.
  func play() throws -> Bool {
    let folder = try RunFolder()
    let options = RedisServer.Options(tcp: true, configuration: ["appendfsync always"])
    let isGood = try RedisServer.with(options) { first in
      try RedisServer.with(options) { second in
        let redis = try RedisPair(first, second, in: folder.path)
        let stage = try Stage(in: folder.path, redis: redis, settings: settings)
        for service in stage.services { try service.start() }
        let publishers = publish(to: redis.endpoint)
        try inject(stage, publishers)
        try drain(stage, publishers)
        return try judge(stage, folder)
      }
    }
    if isGood && !keep { folder.remove() } else { console.say("logs and ledger: \(folder.path)") }
    return isGood
  }

  private func publish(to endpoint: Endpoint) -> [Publisher] {
    let start = ContinuousClock.now
    return plan.publications.enumerated().map { number, list in
      let publisher = Publisher()
      Background.run { [decisions] in
        publisher.run(list, as: number, of: decisions, to: endpoint, from: start)
      }
      return publisher
    }
  }

  /// Injects the faults at their times, until the last is over.
  private func inject(_ stage: Stage, _ publishers: [Publisher]) throws {
    let start = ContinuousClock.now
    var faults = plan.faults[...]
    while start.duration(to: .now) < settings.duration {
      while let next = faults.first, start + next.at <= .now {
        faults.removeFirst()
        try stage.inject(next.fault)
      }
      try stage.turn()
      report(stage, publishers, since: start)
      usleep(2000)
    }
    try stage.calm()
  }

  /// Waits until everything is done, or nothing moves any more.
  private func drain(_ stage: Stage, _ publishers: [Publisher]) throws {
    let start = ContinuousClock.now
    var (last, moved): (Progress?, ContinuousClock.Instant) = (nil, .now)
    let connection = try stage.redis.connect()
    while moved.duration(to: .now) < patience {
      try stage.turn()
      usleep(20_000)
      let progress = try Progress(connection)
      if publishers.allSatisfy(\.isDone), progress.isOver,
        progress.results >= (plan.hasLosses ? progress.intents : settings.count)
      {
        break
      }
      if progress != last { (last, moved) = (progress, .now) }
      report(stage, publishers, since: start - settings.duration)
    }
    for service in stage.services { service.stop() }
  }

  private func report(_ stage: Stage, _ publishers: [Publisher], since start: ContinuousClock.Instant) {
    guard console.isDue, stage.redis.isRunning, let connection = try? stage.redis.connect(),
      let progress = try? Progress(connection)
    else { return }
    let published = publishers.reduce(0) { $0 + $1.published }
    let faults = stage.injected.values.reduce(0, +)
    console.progress(
      "\(start.duration(to: .now).components.seconds) s: published \(published), intents \(progress.intents), "
        + "terminal states \(progress.results), under way \(progress.pending + progress.undelivered), faults \(faults)")
  }

  private func judge(_ stage: Stage, _ folder: RunFolder) throws -> Bool {
    let logs = try stage.services.map { ($0.name, try folder.lines(of: $0.log)) }
    let evidence = try Evidence(stage, logs: logs)
    let traces = (0..<settings.count).map(decisions.trace)
    let verdict = Verdict(evidence, traces: traces, faults: stage.services.flatMap(\.faults), hasLosses: plan.hasLosses)
    console.say("seed \(settings.seed): \(settings.count) decisions, \(plan.repeats) repeats planned")
    let faults = stage.injected.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }
    console.say("faults: \(faults.isEmpty ? "none" : faults.joined(separator: ", "))")
    console.say("starts: " + stage.services.map { "\($0.name) \($0.starts)" }.joined(separator: ", "))
    console.table(verdict)
    let history = History(connection: try stage.redis.connect(), evidence: evidence, logs: logs)
    // Two of each kind: the rarest tell the most.
    for trace in Set(verdict.rows.flatMap { $0.broken.prefix(2) }).intersection(traces).sorted() {
      console.say(try history.text(of: trace))
    }
    return verdict.isGood
  }
}

/// A folder for the logs and the ledger of a run.
struct RunFolder {
  let path: String

  init() throws {
    var template = Array("/tmp/qtctl-chaos-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  func lines(of file: String) throws -> [Substring] {
    let descriptor = try FileDescriptor.open(FilePath(file), .readOnly, options: .closeOnExec)
    let bytes = try descriptor.closeAfter {
      var bytes = [UInt8](repeating: 0, count: try Int(descriptor.seek(offset: 0, from: FileDescriptor.SeekOrigin.end)))
      let count = try bytes.withUnsafeMutableBytes { try descriptor.read(fromAbsoluteOffset: 0, into: $0) }
      return bytes.prefix(count)
    }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
  }

  func remove() {
    guard let process = try? ChildProcess("/bin/rm", ["-rf", path]) else { return }
    _ = process.wait(upTo: .seconds(10))
  }
}

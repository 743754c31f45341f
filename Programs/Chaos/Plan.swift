import Glibc
import TestSupport

/// Something that happens to the system in the middle of its work.
enum Fault: Sendable, Hashable, CustomStringConvertible {
  /// SIGKILL to a program, which is started again after a while.
  case kill(String, after: Duration)
  /// SIGSTOP to a program, and SIGCONT after a while.
  case pause(String, for: Duration)
  /// SIGKILL to redis-server, which is started again after a while.
  case killRedis(down: Duration)
  /// Every connection to Redis is closed by the server.
  case drop
  /// The master is killed and its replica promoted, which was behind by that much.
  case failover(lag: Duration)
  /// redis-server is started again with a copy of its files that is that old.
  case restore(age: Duration)
  /// redis-server is killed, and what it wrote to its append-only file in that time is gone.
  case truncate(lost: Duration)

  var description: String {
    switch self {
    case .kill(let name, let time): "kill \(name), start it after \(time)"
    case .pause(let name, let time): "pause \(name) for \(time)"
    case .killRedis(let time): "kill redis-server, start it after \(time)"
    case .drop: "drop every connection"
    case .failover(let lag): "promote a replica that is \(lag) behind"
    case .restore(let age): "restore a copy that is \(age) old"
    case .truncate(let time): "cut the last \(time) off the append-only file"
    }
  }

  /// For counting.
  var kind: String {
    switch self {
    case .kill(let name, _): "kill \(name)"
    case .pause(let name, _): "pause \(name)"
    case .killRedis: "kill redis"
    case .drop: "drop connections"
    case .failover: "failover with lag"
    case .restore: "restored copy"
    case .truncate: "truncated append-only file"
    }
  }

  /// How long before the loss the state is taken that Redis goes back to; nil when it loses nothing.
  var loss: Duration? {
    switch self {
    case .failover(let time), .restore(let time), .truncate(let time): time
    default: nil
    }
  }
}

/// What a run does and when, all of it decided by the seed.
struct Plan {
  struct Publication {
    let at: Duration
    let number: Int
  }

  /// In the order of their times, from the run's start on.
  let faults: [(at: Duration, fault: Fault)]
  /// What each of the publishers publishes, in the order of time.
  let publications: [[Publication]]
  /// How many of them repeat a decision.
  let repeats: Int

  /// Whether Redis loses writes in this run.
  var hasLosses: Bool { faults.contains { $0.fault.loss != nil } }

  init(_ settings: Settings, programs: [String]) {
    var generator = SeededGenerator(seed: settings.seed, for: "faults")
    var faults: [(Duration, Fault)] = []
    var time = Duration.zero
    while settings.gap > .zero {
      // Exponential gaps: some faults follow upon each other at once.
      time += settings.gap * max(0.01, -log(1 - generator.share()))
      guard time < settings.duration else { break }
      faults.append((time, Self.fault(programs, settings, &generator)))
    }
    self.faults = faults
    (publications, repeats) = Self.publications(
      seed: settings.seed, count: settings.count, duration: settings.duration)
  }

  private static func fault(_ programs: [String], _ settings: Settings, _ generator: inout SeededGenerator) -> Fault {
    let name = programs.randomElement(using: &generator) ?? ""
    let share = generator.share()
    let time = Duration.milliseconds(100 + Int(share * 1400))
    if generator.share() < settings.losses {
      switch generator.share() {
      case ..<0.34: return .failover(lag: time)
      case ..<0.67: return .restore(age: time)
      default: return .truncate(lost: time)
      }
    }
    switch generator.share() {
    case ..<0.4:
      // Most come back before anybody notices, some only after others have taken over.
      return .kill(name, after: share < 0.7 ? .milliseconds(50 + Int(share * 500)) : settings.claimIdle * (1 + share))
    // Longer than after which others take over.
    case ..<0.65: return .pause(name, for: settings.claimIdle * (1.1 + share))
    case ..<0.8: return .killRedis(down: .milliseconds(Int(share * 500)))
    default: return .drop
    }
  }

  /// A tenth of the decisions comes twice: from both publishers at once, later, or when all faults are over.
  private static func publications(
    seed: UInt64, count: Int, duration: Duration
  ) -> ([[Publication]], repeats: Int) {
    var generator = SeededGenerator(seed: seed, for: "repeats")
    var lists: [[Publication]] = [[], []]
    var repeats = 0
    for number in 0..<count {
      let at = duration * (Double(number) / Double(count))
      lists[0].append(Publication(at: at, number: number))
      guard generator.share() < 0.1 else { continue }
      repeats += 1
      let share = generator.share()
      switch generator.share() {
      case ..<0.4: lists[1].append(Publication(at: at, number: number))
      case ..<0.8: lists[1].append(Publication(at: at + .seconds(share * 10), number: number))
      default: lists[1].append(Publication(at: duration + .seconds(1), number: number))
      }
    }
    lists[1].sort { ($0.at, $0.number) < ($1.at, $1.number) }
    return (lists, repeats)
  }
}

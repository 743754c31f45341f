import Glibc
import TestSupport

/// What a run does and when, all of it decided by the seed.
struct Plan {
  struct Publication {
    let at: Duration
    let number: Int
  }

  /// In the order of their times, from the run's start on.
  let blows: [(at: Duration, blow: Blow)]
  /// What each of the publishers publishes, in the order of time.
  let publications: [[Publication]]
  /// How many of them repeat a decision.
  let repeats: Int

  /// - Parameters:
  ///   - duration: Of the publishing; blows fall during it.
  ///   - gap: Between two blows, on average; zero: none.
  ///   - claimIdle: A pause is longer than that, so that others take over.
  init(seed: UInt64, count: Int, duration: Duration, gap: Duration, programs: [String], claimIdle: Duration) {
    var generator = SeededGenerator(seed: seed, for: "blows")
    var blows: [(Duration, Blow)] = []
    var time = Duration.zero
    while gap > .zero {
      // Exponential gaps: some blows follow upon each other at once.
      time += gap * max(0.01, -log(1 - generator.share()))
      guard time < duration else { break }
      blows.append((time, Self.blow(programs, claimIdle, &generator)))
    }
    self.blows = blows
    (publications, repeats) = Self.publications(seed: seed, count: count, duration: duration)
  }

  private static func blow(
    _ programs: [String], _ claimIdle: Duration, _ generator: inout SeededGenerator
  ) -> Blow {
    let name = programs.randomElement(using: &generator) ?? ""
    let share = generator.share()
    switch generator.share() {
    case ..<0.4:
      // Most come back before anybody notices, some only after others have taken over.
      return .kill(name, after: share < 0.7 ? .milliseconds(50 + Int(share * 500)) : claimIdle * (1 + share))
    case ..<0.65: return .pause(name, for: claimIdle * (1.1 + share))
    case ..<0.8: return .killRedis(down: .milliseconds(Int(share * 500)))
    default: return .drop
    }
  }

  /// A tenth of the decisions comes twice: from both publishers at once, later, or when all blows have fallen.
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

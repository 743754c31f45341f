import ArgumentParser
import Glibc
import TestSupport

/// `make chaos`: the whole system under faults that a seed decides, and the proof that no order was lost and none doubled.
///
/// Not asynchronous: the programs live as long as the thread that started them, which is to be the main one.
@main
struct Chaos: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quantum-chaos",
    abstract: "Kill, pause and cut off the services and Redis while decisions flow, and prove that each came out once.",
    discussion: "Exit status: 0 every promise was kept; 1 one was broken, with the history of what broke it.")

  @Option(help: "Decides what is published, which faults come when, and which orders the venue treats badly.")
  var seed: UInt64 = 1
  @Option(help: "How many decisions there are; a tenth of them is repeated.") var count = 20_000
  @Option(help: "Over how many seconds they are published.") var duration = 120.0
  @Option(help: "How many seconds pass between two faults, on average; 0: no faults.") var gap = 1.5
  @Option(help: "How often the venue shows each of its faults, as a share of the orders.") var rate = 0.004
  @Option(help: "How many of the faults make Redis lose writes, as a share.") var losses = 0.2
  @Option(help: "How many seconds a program is silent before others take over.") var claimIdle = 3
  @Option(help: "After how many deliveries an entry is poison; far fewer kills than here hit an entry of a real host.")
  var deliveries = 100
  @Option(help: "How many seconds everything may stand still at the end.") var patience = 60
  @Flag(help: "Keep the folder with logs and ledger also when all is well.") var keep = false

  func run() throws {
    let settings = Settings(
      seed: seed, count: count, duration: .seconds(duration), gap: .seconds(gap), rate: rate,
      losses: losses, claimIdle: .seconds(claimIdle), deliveries: deliveries)
    let isGood = try Run(settings, patience: .seconds(patience), keep: keep).play()
    if !isGood { throw ExitCode(1) }
  }
}

/// How hard a run is.
struct Settings {
  var seed: UInt64
  /// Decisions.
  var count: Int
  /// Over which they are published.
  var duration: Duration
  /// Between two faults, on average; zero: none.
  var gap: Duration
  /// How often the venue shows each of its faults, as a share.
  var rate: Double
  /// How many of the faults make Redis lose writes, as a share.
  var losses: Double
  /// How long a program is silent before others take over.
  var claimIdle: Duration
  var deliveries: Int

  var venueArguments: [String] {
    let often = ["open", "twice"].map { "\($0)=\(rate * 3)" }
    let rare = ["dead", "rejected", "silent", "late", "drop", "lost", "slow", "limited", "vague"]
    return [
      "--seed", String(seed), "--faults", (often + rare.map { "\($0)=\(rate)" }).joined(separator: ","),
      "--slowness", "150", "--open-time", "40", "--lag", "10", "--up-time", rate > 0 ? "20" : "0", "--down-time", "1",
    ]
  }
}

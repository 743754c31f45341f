import ArgumentParser
import Glibc
import TestSupport

/// `make chaos`: the whole system under blows that a seed decides, and the proof that no order was lost and none doubled.
///
/// Not asynchronous: the programs live as long as the thread that started them, which is to be the main one.
@main
struct Chaos: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quantum-chaos",
    abstract: "Kill, pause and cut off the services and Redis while decisions flow, and prove that each came out once.",
    discussion: "Exit status: 0 every promise was kept; 1 one was broken, with the history of what broke it.")

  @Option(help: "Decides what is published, which blows fall when, and whom the venue's tempers hit.")
  var seed: UInt64 = 1
  @Option(help: "How many decisions there are; a tenth of them is repeated.") var count = 20_000
  @Option(help: "Over how many seconds they are published.") var duration = 120.0
  @Option(help: "How many seconds pass between two blows, on average; 0: no blows.") var gap = 1.5
  @Option(help: "How often each temper of the venue hits, as a share of the orders.") var rate = 0.004
  @Option(help: "How many seconds a program is silent before others take over.") var claimIdle = 3
  @Option(help: "After how many deliveries an entry is poison; far fewer kills than here hit an entry of a real host.")
  var deliveries = 100
  @Option(help: "How many seconds everything may stand still at the end.") var patience = 60
  @Flag(help: "Keep the folder with logs and ledger also when all is well.") var keep = false

  func run() throws {
    let settings = Settings(
      seed: seed, count: count, duration: .seconds(duration), gap: .seconds(gap), rate: rate,
      claimIdle: .seconds(claimIdle), deliveries: deliveries)
    let isGood = try Run(settings, patience: .seconds(patience), keep: keep).play()
    if !isGood { throw ExitCode(1) }
  }
}

import ArgumentParser
import BusMeasurement
import Glibc
import TestSupport

/// Programs of the trading services of several builds, in turn, on a Redis in one run; `make bench` holds them against what
/// others would use. `make bench-bus`: routers. `make bench-orders`: execution. `make bench-memory`: what a paper trade costs
/// in Redis.
@main
struct BusBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "quantum-bus-bench")

  @Option(help: "How many decisions one round of a router has.") var count = 100_000
  @Option(help: "How many rounds each has; the median counts.") var rounds = 3

  @Option(help: "Measure execution instead, with so many orders in one round.") var orders: Int?
  @Option(help: "A program of execution to measure, several times for several in turn (default: the one beside this).")
  var execution: [String] = []

  @Option(
    help: "A router's program to measure, several times for several in turn; the first is what they are held against.")
  var router: [String] = []

  @Option(help: "Measure the memory of both services instead, while they work off so many decisions.") var backlog: Int?

  @Option(help: "Measure the memory of so many paper trades instead, of each --router with its --execution.")
  var trades: Int?

  func run() async throws {
    if let backlog { return try await measure(backlog: backlog) }
    if let trades { return try await measure(trades: trades) }
    if let orders {
      for setting in ["everysec", "always"] {
        try compare(executions.map { .execution(orders, program: $0) }, .execution, setting, "orders/s")
      }
      return
    }
    try compare(routers.map { .router(count, program: $0) }, .routing, "everysec", "decisions/s")
  }

  private var routers: [String] {
    router.isEmpty ? [BuiltProgram.path(of: "quantum-ai-strategy-router")] : router
  }

  private var executions: [String] {
    execution.isEmpty ? [BuiltProgram.path(of: "quantum-execution")] : execution
  }

  /// In turn, so that what else the machine does hits all alike.
  private func compare(_ programs: [BusProgram], _ work: BusWork, _ setting: String, _ unit: String) throws {
    var rates = programs.map { _ in [Double]() }
    for _ in 0..<max(1, rounds) {
      for (index, program) in programs.enumerated() {
        rates[index].append(try Arena.with(work, appendfsync: setting) { try $0.throughput(of: program).perSecond })
      }
    }
    let medians = rates.map { $0.sorted()[$0.count / 2] }
    for (program, rate) in zip(programs, medians) { say("\(Int(rate)) \(unit)", "\(program.name), \(setting)") }
    for median in medians.dropFirst() { say("\(Self.ratio(median, medians[0])) ×", "the first, \(setting)") }
  }

  private func measure(backlog: Int) async throws {
    let peaks = try await TradeMemory.peaks(backlog: backlog, router: routers[0], execution: executions[0])
    say("\(peaks.router / 1024) MB", "the router, at most, over a backlog of \(backlog)")
    say("\(peaks.execution / 1024) MB", "execution, at most, over a backlog of \(backlog)")
  }

  private func measure(trades: Int) async throws {
    for (router, execution) in zip(routers, executions) {
      let memory = try await TradeMemory.measure(trades, router: router, execution: execution)
      say("\(memory.bytes) bytes", "a paper trade costs, \(execution)")
      say("\(memory.entries) bytes", "of them in its three stream entries")
      say("\(memory.bytes - memory.entries) bytes", "of them in its keys")
      say("\(memory.keys)", "keys a trade: \(memory.kinds)")
      say("\(memory.lasting) bytes", "in the keys that stay for longer than a day")
    }
  }

  private func say(_ figure: String, _ what: String) {
    print(String(repeating: " ", count: max(0, 22 - figure.count)) + figure + "  " + what)
    fflush(nil)
  }

  private static func ratio(_ one: Double, _ other: Double) -> Double {
    (one / other * 100).rounded() / 100
  }
}

import ArgumentParser
import EventBus
import Glibc
import Redis
import TestSupport

/// `make bench-bus`: the router beside a Python router and a minimal C program, on the same Redis in one run.
/// `make bench-orders`: what execution makes of intents, under both settings of `appendfsync`.
/// `make bench-memory`: what a paper trade costs in Redis.
@main
struct BusBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "quantum-bus-bench")

  @Option(help: "How many decisions one round of the fast routers has.") var count = 100_000
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
    if let orders { return try await measure(orders: orders) }
    if let backlog { return try await measure(backlog: backlog) }
    if let trades { return try await measure(trades: trades) }
    if !router.isEmpty { return try measureRouters() }
    try await TemporaryFolder.with { folder in
      let script = try folder.write(RouteOnce.script.source, to: "route-once.lua")
      let python = try folder.write(PythonRouter.source, to: "router.py")
      let contenders = [
        Contender.swift(count), .c(count, script: script), .python(max(1000, count / 20), script: python),
      ]
      try RedisServer.with(.init(tcp: true, configuration: ["appendfsync everysec"])) { redis in
        let arena = try Arena(redis)
        let medians = try medians(of: contenders, in: arena)
        for (contender, rate) in zip(contenders, medians) { say("\(Int(rate)) decisions/s", contender.name) }
        say("\(Self.ratio(medians[0], medians[2])) ×", "the Python router (the bar: 25)")
        say("\(Self.ratio(medians[0], medians[1])) ×", "the minimal C program (the bar: 0.9)")
        let (latencies, resident) = try arena.latencies(of: contenders[0], seconds: 5)
        say("\(latencies[latencies.count * 99 / 100]) ms", "decision to intent, p99 at 1,000/s (the bar: 2)")
        say("\(resident / 1024) MB", "resident (the bar: 20)")
      }
    }
  }

  private func measure(orders: Int) async throws {
    let programs = execution.isEmpty ? [BuiltProgram.path(of: "quantum-execution")] : execution
    let bench = OrderBench(programs: programs, count: orders, rounds: rounds)
    for setting in ["everysec", "always"] {
      let medians = try await bench.medians(appendfsync: setting)
      for (program, median) in zip(programs, medians) { say("\(Int(median)) orders/s", "\(program), \(setting)") }
      for median in medians.dropFirst() { say("\(Self.ratio(median, medians[0])) ×", "the first, \(setting)") }
    }
  }

  private func measureRouters() throws {
    let contenders = router.map { Contender.swift(count, program: $0) }
    try RedisServer.with(.init(tcp: true, configuration: ["appendfsync everysec"])) { redis in
      let medians = try medians(of: contenders, in: try Arena(redis))
      for (contender, rate) in zip(contenders, medians) { say("\(Int(rate)) decisions/s", contender.name) }
      for median in medians.dropFirst() { say("\(Self.ratio(median, medians[0])) ×", "the first") }
    }
  }

  /// In turn, so that what else the machine does hits all alike.
  private func medians(of contenders: [Contender], in arena: Arena) throws -> [Double] {
    var rates = contenders.map { _ in [Double]() }
    for _ in 0..<max(1, rounds) {
      for (index, contender) in contenders.enumerated() { rates[index].append(try arena.rate(of: contender)) }
    }
    return rates.map { $0.sorted()[$0.count / 2] }
  }

  private func measure(backlog: Int) async throws {
    let peaks = try await TradeMemory.peaks(
      backlog: backlog, router: router.first ?? BuiltProgram.path(of: "quantum-ai-strategy-router"),
      execution: execution.first ?? BuiltProgram.path(of: "quantum-execution"))
    say("\(peaks.router / 1024) MB", "the router, at most, over a backlog of \(backlog)")
    say("\(peaks.execution / 1024) MB", "execution, at most, over a backlog of \(backlog)")
  }

  private func measure(trades: Int) async throws {
    let routers = router.isEmpty ? [BuiltProgram.path(of: "quantum-ai-strategy-router")] : router
    let executions = execution.isEmpty ? [BuiltProgram.path(of: "quantum-execution")] : execution
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

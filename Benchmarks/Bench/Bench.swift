import ArgumentParser
import Basics
import FileOperations
import FoundationEssentials
import Glibc
import Measurement
import Rehearsal
import TestSupport

/// `make bench`: qtctl beside what people would use instead, side by side, in turn, on one throwaway machine.
@main
struct Bench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quantum-bench", abstract: "Measure qtctl beside what people would use instead.",
    subcommands: [All.self, Page.self, RowInMachine.self], defaultSubcommand: All.self)

  static let results = Checkout.root + "/Benchmarks/results.json"
  static let page = Checkout.root + "/docs/performance.md"

  static func say(_ text: String) {
    print(text)
    fflush(nil)
  }
}

extension Bench {
  /// Measures, prints and writes.
  struct All: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "all", abstract: "Measure every row; needs root, and the network the first time.")

    @Flag(help: "The sizes of the issue rather than those that take fifteen minutes.") var full = false
    @Option(help: "Rounds of what takes seconds.") var rounds: Int?
    @Option(help: "MiB of the tree that is backed up and deployed unchanged.") var mib: Int?
    @Option(help: "Backups that are listed.") var stamps: Int?
    @Option(help: "MiB of each of the five large services.") var serviceMib: Int?
    @Option(help: "Only this row; several times for several. Nothing is written then unless --output says where.")
    var only: [String] = []
    @Option(
      help: "Write the results to this file, and no page (default: Benchmarks/results.json and docs/performance.md).")
    var output: String?

    func validate() throws {
      for id in only where Rows.named(id) == nil {
        throw ValidationError("there is no row '\(id)'; there are \(Rows.all.map(\.id).joined(separator: ", "))")
      }
    }

    func run() async throws {
      var sizes = full ? Sizes.full : Sizes()
      sizes.rounds = max(1, rounds ?? sizes.rounds)
      sizes.treeMiB = max(1, mib ?? sizes.treeMiB)
      sizes.stamps = max(8, stamps ?? sizes.stamps)
      sizes.serviceMiB = max(1, serviceMib ?? sizes.serviceMiB)
      let load = Host.load()
      let peers = Peers.setUp(Bench.say)
      let rows = try await measure(Rows.all.filter { only.isEmpty || only.contains($0.id) }, sizes, peers)
      var versions = peers.versions
      versions["qtctl"] = Host.commit(Checkout.root)
      let words = CommandLine.arguments.dropFirst().filter { $0 != "all" }
      let command = words.isEmpty ? "make bench" : "make bench BENCH=\"\(words.joined(separator: " "))\""
      let results = BenchResults(
        date: Host.date(), command: command, host: Host.describe(loadBefore: load), versions: versions, rows: rows)
      // Those of some rows would replace those of all.
      if let output { return try write(results, to: output) }
      guard only.isEmpty else { return }
      try write(results, to: Bench.results)
      try Page.write()
      Bench.say("written: \(Bench.results), \(Bench.page)")
    }

    private func measure(_ rows: [any Row], _ sizes: Sizes, _ peers: Peers) async throws -> [BenchResults.Row] {
      let mebibytes = 3072 + 6 * sizes.treeMiB + 60 * sizes.serviceMiB
      var configuration = Machine.Configuration(
        name: "bench", units: ["dbus.service"], memory: mebibytes << 20, shown: [Checkout.root])
      configuration.written = [Ground.disk]
      let orders = [
        String(decoding: try JSONEncoder().encode(sizes), as: UTF8.self),
        String(decoding: try JSONEncoder().encode(peers), as: UTF8.self),
      ]
      try Timed.sh(#"rm -rf "$1"; mkdir -p "$1""#, Ground.disk)
      defer { _ = try? Timed.sh(#"rm -rf "$1""#, Ground.disk) }
      for row in rows { try row.prepareOnHost(sizes) }
      func measureAll(_ machine: Machine?) async -> [BenchResults.Row] {
        var results: [BenchResults.Row] = []
        for row in rows {
          var result: BenchResults.Row
          if let machine, !row.isOnHost {
            result = await measure(row, in: machine, orders)
          } else {
            result = await BlockingThread.run { row.measure(Ground(folder: Peers.folder + "/row", sizes, peers)) }
          }
          Bench.say(FigureText.plain(result))
          results.append(result)
        }
        return results
      }
      if rows.allSatisfy(\.isOnHost) { return await measureAll(nil) }
      return try await withMachine(configuration) { machine in
        try await machine.copyIn(Checkout.program("qtctl"), to: "/usr/local/bin/qtctl", mode: 0o755)
        return await measureAll(machine)
      }
    }

    private func measure(_ row: any Row, in machine: Machine, _ orders: [String]) async -> BenchResults.Row {
      do {
        let command = [BuiltProgram.path(of: "quantum-bench"), "row", row.id] + orders
        let output = try await machine.run(command, within: .seconds(1800))
        guard output.succeeded else { throw Timed.Failure(description: String(output.stderr.suffix(500))) }
        return try JSONDecoder().decode(BenchResults.Row.self, from: Data(output.standardOutput))
      } catch {
        return BenchResults.Row(
          id: row.id, title: row.title, how: row.how, limits: row.limits, failure: "\(error)")
      }
    }

    private func write(_ results: BenchResults, to path: String) throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      try Files.replace(path, with: Array(try encoder.encode(results)) + Array("\n".utf8), mode: 0o644)
    }
  }

  /// Makes the page anew.
  struct Page: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "page", abstract: "Write docs/performance.md from Benchmarks/results.json.")

    func run() throws { try Self.write() }

    static func write() throws {
      let results = try JSONDecoder().decode(BenchResults.self, from: Data(try Files.read(Bench.results)))
      try Files.replace(Bench.page, with: Array(ResultPage.text(results).utf8), mode: 0o644)
    }
  }

  /// What runs in the throwaway machine: one row, whose result it prints.
  struct RowInMachine: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "row", shouldDisplay: false)

    @Argument var id: String
    @Argument var sizes: String
    @Argument var peers: String

    func run() throws {
      guard let row = Rows.named(id) else { throw ValidationError("there is no row '\(id)'") }
      let ground = Ground(
        folder: "/var/lib/quantum-bench", try JSONDecoder().decode(Sizes.self, from: Data(sizes.utf8)),
        try JSONDecoder().decode(Peers.self, from: Data(peers.utf8)))
      print(String(decoding: try JSONEncoder().encode(row.measure(ground)), as: UTF8.self))
      // Ports, processors and memory are for the next row, which finds nothing of this one's releases.
      try? Timed.sh(Self.cleaning, ground.folder)
    }

    private static let cleaning = #"""
      systemctl stop 'bench-*' quantum-execution quantum-ai-strategy-router redis-server || true
      find /etc/systemd/system '(' -name 'bench-*' -o -name 'quantum-*' ')' -delete
      rm -rf "$1" /srv/quantum-bench /etc/quantum-bench /etc/quantum /run/quantum-bench /var/lib/qtctl /var/backups/bench-* \
        /var/backups/hand /usr/local/bin/bench-* /usr/local/bin/quantum-*
      systemctl daemon-reload
      """#
  }
}

internal import Execution
internal import ServiceRuntime

/// What execution is told by its environment; `units/execution.env` describes each key.
struct ExecutionSettings: Sendable {
  /// The exchanges that there are.
  enum ExchangeName: String, CaseIterable, Sendable {
    case paper, venue
  }

  var common: CommonSettings
  var exchange: ExchangeName
  var freshness: Freshness
  /// How long after its claim an order may reach the exchange.
  var window: Duration
  /// How long results stay in their stream.
  var keepResults: Duration
  var paper: PaperRules
  /// The path of the venue's socket.
  var venue: String
  var venueTimeout: Duration
  /// Where the record of what was begun is kept, and what Redis showed.
  var stateDirectory: String
  /// Whether a claim must be on Redis' disk before its order is sent, where Redis can tell.
  var waitsForDisk: Bool

  init(_ environment: inout EnvironmentReader) throws(EnvironmentError) {
    // The record is fsynced once a batch. A stop comes between two orders.
    common = try CommonSettings(&environment, batch: 64)
    let names = ExchangeName.allCases.map(\.rawValue).joined(separator: ", ")
    exchange = try environment.value("QUANTUM_EXCHANGE", default: .paper, should: "one of \(names)") {
      ExchangeName(rawValue: $0)
    }
    freshness = Freshness(
      most: try environment.duration(
        "QUANTUM_INTENT_AGE", default: .seconds(300), in: .seconds(1)...(.seconds(7 * 86_400))))
    window = try environment.duration(
      "QUANTUM_ORDER_WINDOW", default: .seconds(2), in: .milliseconds(100)...(.seconds(60)))
    keepResults = try environment.duration(
      "QUANTUM_KEEP_RESULTS", default: .seconds(7 * 86_400), in: .seconds(3600)...CommonSettings.longest)
    venue = try environment.value(
      "QUANTUM_VENUE", default: "/run/quantum-venue/venue.sock", should: "the absolute path of a socket"
    ) { $0.hasPrefix("/") ? $0 : nil }
    venueTimeout = try environment.duration(
      "QUANTUM_VENUE_TIMEOUT", default: .seconds(2), in: .milliseconds(10)...(.seconds(60)))
    let path = try environment.value("QUANTUM_PAPER_MARKETS", default: "", should: "the absolute path of a file") {
      $0.hasPrefix("/") ? $0 : nil
    }
    paper = PaperRules(
      markets: path.isEmpty ? PaperMarkets.standard : try Self.markets(path),
      openingBalance: try environment.number("QUANTUM_PAPER_BALANCE", default: 100_000, in: 0...1e12),
      feeRate: try environment.number("QUANTUM_PAPER_FEE", default: 0.0004, in: 0...0.1))
    waitsForDisk = try environment.value("QUANTUM_WAIT_AOF", default: false, should: "yes or no") {
      ["yes": true, "no": false][$0]
    }
    // The second is systemd's, from the unit's StateDirectory=.
    let given = environment.optional("QUANTUM_STATE_DIRECTORY") ?? environment.optional("STATE_DIRECTORY")
    let folder = given ?? "/var/lib/quantum-execution"
    guard folder.hasPrefix("/") else {
      throw EnvironmentError("QUANTUM_STATE_DIRECTORY", "is '\(folder)', should be the absolute path of a directory")
    }
    stateDirectory = folder
  }

  private static func markets(_ path: String) throws(EnvironmentError) -> [String: PaperRules.Market] {
    do {
      return try PaperMarkets.read(path)
    } catch {
      throw EnvironmentError("QUANTUM_PAPER_MARKETS", "\(error)")
    }
  }
}

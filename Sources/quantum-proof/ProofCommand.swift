internal import ArgumentParser
internal import Redis

@main
struct ProofCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quantum-proof",
    abstract: "Prove on running services that one decision sent twice comes out once.",
    discussion: """
      Each round writes two events of one trace; a field that nobody reads differs between them. It must show one intent, one \
      terminal state, and one DUPLICATE_SKIP line in the router's log. The rounds run one after the other, then once more \
      all at the same time from two connections.

      With a symbol that the exchange trades, each round makes an order of 100 USD.

      Exit status: 0 every round came out; 1 one did not, or the proof could not be made; 64 usage.
      """)

  @Option(help: ArgumentHelp("URL of the Redis with the streams.", valueName: "url"))
  var redis = "redis://127.0.0.1:6379/0"

  @Option(help: "Symbol of the decisions; the default is traded nowhere, so the rounds end as REJECTED.")
  var symbol = "IDEMPTEST"

  @Option(help: "Entry price of the decisions, in USD.")
  var price = 100.0

  @Option(help: ArgumentHelp("Number of rounds of each kind.", valueName: "number"))
  var rounds = 5

  @Option(help: ArgumentHelp("Seconds that a round may take.", valueName: "seconds"))
  var within = 10

  @Option(
    help: ArgumentHelp("Log file of a router; without any, the journal is read. May be repeated.", valueName: "file"))
  var log: [String] = []

  func validate() throws {
    guard (1...100).contains(rounds) else { throw ValidationError("--rounds is \(rounds), should be from 1 to 100") }
    guard (1...600).contains(within) else { throw ValidationError("--within is \(within), should be from 1 to 600") }
    guard price > 0, price.isFinite else { throw ValidationError("--price is \(price), should be above 0") }
  }

  func run() throws {
    let proof: LiveProof
    do {
      proof = try LiveProof(
        at: try Endpoint(redis), symbol: symbol, price: price, within: .seconds(within), log: try SkipLog(files: log))
    } catch {
      print("The proof cannot be made: \(error)")
      throw ExitCode.failure
    }
    var good = 0
    for round in 1...rounds { good += try tell("round \(round)", proof.sequential()) }
    for (number, outcome) in try proof.concurrent(rounds).enumerated() {
      good += tell("at once, round \(number + 1)", outcome)
    }
    print("\(good) of \(2 * rounds) rounds came out exactly once")
    guard good == 2 * rounds else { throw ExitCode.failure }
  }

  private func tell(_ name: String, _ outcome: LiveProof.Outcome) -> Int {
    print("\(outcome.isGood ? "pass" : "FAIL")  \(name): \(outcome)")
    return outcome.isGood ? 1 : 0
  }
}

import ArgumentParser
import Glibc
import TestSupport

/// An exchange at its worst, for tests: it answers the questions of `VenueExchange` and keeps a ledger of the orders that
/// it has made. It ends when its standard input does.
@main
struct Venue: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "quantum-venue")

  @Option(help: "The socket to answer at.") var socket: String
  @Option(help: "The file to append orders to.") var ledger: String
  @Option(help: "Decides which orders a fault hits.") var seed: UInt64 = 0
  @Option(help: "How often each fault happens, such as silent=0.01,open=0.1.") var faults = ""
  @Option(help: "How long an answer that nobody waits for takes, in milliseconds.") var slowness: Int64 = 500
  @Option(help: "How long an order stays open, in milliseconds.") var openTime: Int64 = 100
  @Option(help: "How far the history lags behind, in milliseconds.") var lag: Int64 = 20
  @Option(help: "How many seconds pass from one failure to the next, on average; 0: none.") var upTime = 0.0
  @Option(help: "How many seconds a failure lasts, on average.") var downTime = 1.0

  func run() throws {
    let file = open(ledger, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw ValidationError("cannot write '\(ledger)': errno \(errno)") }
    let book = SharedBook(
      Book(faults: try FaultProfile(seed: seed, faults), openTime: openTime, lag: lag) { line in
        let bytes = Array((line.text + "\n").utf8)
        _ = write(file, bytes, bytes.count)
      })
    let door = Door(socket, book: book, slowness: .milliseconds(slowness))
    try door.open()
    let outages = Outages(door: door, seed: seed, upTime: upTime, downTime: downTime)
    if upTime > 0 { Background.run { outages.run() } }
    var byte: UInt8 = 0
    while read(STDIN_FILENO, &byte, 1) > 0 {}
  }
}

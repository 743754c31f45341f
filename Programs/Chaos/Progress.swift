import EventBus
import Glibc
import Redis
import Trading

/// How far the system has come.
struct Progress: Equatable {
  let decisions: Int
  let intents: Int
  let results: Int
  let pending: Int
  let undelivered: Int

  static let groups = [
    Group(Names.Group.router, of: Names.Stream.decisions), Group(Names.Group.execution, of: Names.Stream.intents),
  ]

  init(_ connection: Connection) throws {
    func length(_ stream: String) throws -> Int {
      Int(try connection.call(["XLEN", stream]).requireInteger(of: "XLEN"))
    }
    decisions = try length(Names.Stream.decisions)
    intents = try length(Names.Stream.intents)
    results = try length(Names.Stream.results)
    var (pending, undelivered) = (0, 0)
    for group in Self.groups {
      guard let info = try connection.ask(Stream(group.stream).groups).first(where: { $0.name == group.name }) else {
        continue
      }
      pending += info.pending
      undelivered += try connection.ask(group.undelivered(after: info.lastDeliveredID, limit: 100_000))
    }
    (self.pending, self.undelivered) = (pending, undelivered)
  }

  /// Nothing is under way.
  var isOver: Bool { pending == 0 && undelivered == 0 }
}

/// What a person sees: a progress line on a terminal that is written over, and else one now and then.
final class Console {
  private let isTerminal = isatty(STDOUT_FILENO) == 1
  private var due = ContinuousClock.now
  private var hasProgress = false

  /// Whether it is time for another progress line.
  var isDue: Bool { due <= .now }

  func progress(_ text: String) {
    due = .now + (isTerminal ? .milliseconds(500) : .seconds(10))
    if isTerminal { print("\r\u{1B}[K\(text)", terminator: "") } else { print(text) }
    hasProgress = isTerminal
    fflush(nil)
  }

  func say(_ text: String) {
    if hasProgress { print("") }
    hasProgress = false
    print(text)
    fflush(nil)
  }

  func table(_ verdict: Verdict) {
    let width = verdict.rows.map(\.promise.count).max() ?? 0
    for row in verdict.rows {
      let promise = row.promise + String(repeating: " ", count: width - row.promise.count)
      say("  \(row.broken.isEmpty ? "kept  " : "BROKEN")  \(promise)  \(row.found)")
      for broken in row.broken.prefix(5) { say("            \(broken)") }
      if row.broken.count > 5 { say("            and \(row.broken.count - 5) more") }
    }
    say(verdict.isGood ? "every promise was kept" : "a promise was BROKEN")
  }
}

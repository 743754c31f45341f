import EventBus
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

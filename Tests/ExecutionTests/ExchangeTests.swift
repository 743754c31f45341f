import EventBus
import Glibc
import Redis
import TestSupport
import Testing
import Trading

@testable import Execution

/// What every exchange promises, asked of each.
@Suite(.timeLimit(.minutes(2))) struct ExchangeTests {
  enum Kind: CaseIterable, Sendable {
    case paper, venue
  }

  @Test(arguments: Kind.allCases)
  func anOrderIsFilledAndFoundUnderItsID(_ kind: Kind) async throws {
    try await with(kind) { exchange in
      let order = try exchange.submit(try Sample.intent(), as: "qt-1", before: Self.soon())
      guard case .filled(let quantity?, let price?, let fee) = order.state else {
        Issue.record("not filled: \(order)")
        return
      }
      #expect(quantity > 0 && price > 0 && fee > 0)
      #expect(!order.id.isEmpty)
      #expect(try Self.patiently { try exchange.lookUp("qt-1", sentBefore: Self.soon()) } == order)
    }
  }

  @Test(arguments: Kind.allCases)
  func toForgetAnOrderLeavesTheOthersAsTheyAre(_ kind: Kind) async throws {
    try await with(kind) { exchange in
      _ = try exchange.submit(try Sample.intent(), as: "qt-1", before: Self.soon())
      let second = try exchange.submit(try Sample.intent(), as: "qt-2", before: Self.soon())
      exchange.forget("qt-1")
      let third = try exchange.submit(try Sample.intent(), as: "qt-3", before: Self.soon())
      for order in [second, third] {
        let found = try Self.patiently {
          try exchange.lookUp(order == second ? "qt-2" : "qt-3", sentBefore: .past)
        }
        #expect(found == order)
      }
    }
  }

  @Test(arguments: Kind.allCases)
  func anotherIDIsAnotherOrder(_ kind: Kind) async throws {
    try await with(kind) { exchange in
      let orders = try ["qt-1", "qt-2"].map { try exchange.submit(try Sample.intent(), as: $0, before: Self.soon()) }
      #expect(Set(orders.map(\.id)).count == 2)
      #expect(try Self.patiently { try exchange.lookUp("qt-2", sentBefore: .past) } == orders[1])
    }
  }

  @Test(arguments: Kind.allCases)
  func manyOrdersAreMadeInTurnUpToTheFirstThatIsNot(_ kind: Kind) async throws {
    try await with(kind) { exchange in
      let deadlines = [Self.soon(), Self.soon(), .past, Self.soon()]
      let orders = try deadlines.enumerated().map { number, deadline in
        OrderToMake(try Sample.intent(), as: "qt-\(number)", before: deadline)
      }
      let answers = exchange.submit(orders)
      #expect(answers.count == 3)
      #expect(throws: ExchangeError.self) { try answers.last?.get() }
      for (number, answer) in answers.dropLast().enumerated() {
        #expect(try Self.patiently { try exchange.lookUp("qt-\(number)", sentBefore: .past) } == (try answer.get()))
      }
      let behind = try Self.patiently { try exchange.lookUp("qt-3", sentBefore: .past) }
      #expect(behind == nil)
      #expect(exchange.submit([]).isEmpty)
    }
  }

  @Test(arguments: Kind.allCases)
  func whatComesAfterItsDeadlineIsNotMade(_ kind: Kind) async throws {
    try await with(kind) { exchange in
      #expect(throws: ExchangeError.self) { try exchange.submit(try Sample.intent(), as: "qt-1", before: .past) }
      #expect(throws: ExchangeError.self) {
        try exchange.submit(try Sample.intent(), as: "qt-1", before: Deadline(milliseconds: Self.milliseconds()))
      }
      let order = try Self.patiently { try exchange.lookUp("qt-1", sentBefore: .past) }
      #expect(order == nil)
    }
  }

  @Test(arguments: Kind.allCases)
  func thereIsNoneOnlyWhenNoneCanComeAnyMore(_ kind: Kind) async throws {
    try await with(kind) { exchange in
      let deadline = Self.soon(300)
      var refusals = 0
      while Self.milliseconds() < deadline.milliseconds - 50 {
        #expect(throws: ExchangeError.self) { try exchange.lookUp("qt-1", sentBefore: deadline) }
        refusals += 1
      }
      #expect(refusals > 0)
      let order = try Self.patiently { try exchange.lookUp("qt-1", sentBefore: deadline) }
      #expect(order == nil)
      #expect(Self.milliseconds() >= deadline.milliseconds)
    }
  }

  @Test(arguments: Kind.allCases)
  func anExchangeOutOfReachIsNoAnswer(_ kind: Kind) throws {
    let exchange: any Exchange =
      switch kind {
      case .paper: PaperExchange(at: Endpoint(.unix(path: "/nonexistent/redis.sock")), rules: PaperRules())
      case .venue: VenueExchange(at: "/nonexistent/venue.sock", timeout: .seconds(1))
      }
    #expect(throws: ExchangeError.self) { try exchange.lookUp("qt-1", sentBefore: .past) }
    #expect(throws: ExchangeError.self) { try exchange.submit(try Sample.intent(), as: "qt-1", before: .never) }
  }

  private func with(_ kind: Kind, _ body: (any Exchange) throws -> Void) async throws {
    switch kind {
    case .paper:
      try RedisServer.with(.init(appendOnly: false)) { server in
        try body(PaperExchange(at: server.endpoint, rules: PaperRules()))
      }
    case .venue:
      try await TemporaryFolder.with { folder in
        let venue = try VenueProcess(in: folder.path)
        try body(VenueExchange(at: venue.socket, timeout: .seconds(5)))
      }
    }
  }

  /// Asks again while the exchange is not sure: what is over takes its time to be in a history.
  static func patiently<Result>(_ ask: () throws -> Result) throws -> Result {
    let end = ContinuousClock.now + .seconds(10)
    while true {
      do {
        return try ask()
      } catch let error as ExchangeError {
        guard ContinuousClock.now < end else { throw error }
        usleep(5000)
      }
    }
  }

  static func soon(_ milliseconds: Int64 = 1000) -> Deadline {
    Deadline(milliseconds: Self.milliseconds() + milliseconds)
  }

  static func milliseconds() -> Int64 {
    let now = Timestamp.now()
    return now.seconds * 1000 + Int64(now.nanoseconds / 1_000_000)
  }
}

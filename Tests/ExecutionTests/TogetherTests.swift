import EventBus
import Redis
import TestSupport
import Testing
import Trading

@testable import Execution

/// Orders that go to an exchange together, as it takes batches.
@Suite struct TogetherTests {
  @Test func aBatchIsClaimedAndSettledInOneGoEach() throws {
    try withBench { bench in
      bench.fill()
      for number in 1...20 { try publish(number, on: bench) }
      var meanwhile: [[Int]] = []
      let fill = bench.exchange.onSubmit
      bench.exchange.onSubmit = { (intent, id) throws(ExchangeError) in
        let claims = try? bench.connection.call(["KEYS", Names.Key.orderState(try TraceID("*", payload: ""))]).array
        let results = try? bench.connection.call(["XLEN", Names.Stream.results]).integer
        meanwhile.append([claims?.count ?? -1, Int(results ?? -1)])
        guard let fill else { throw ExchangeError("not told") }
        return try fill(intent, id)
      }
      #expect(try bench.execute() == Array(repeating: .settled, count: 20))
      // While each is sent all are claimed and none is settled.
      #expect(meanwhile == Array(repeating: [20, 0], count: 20))
      #expect(try bench.after.results().map(\.clientOrderID) == bench.exchange.submitted)
      #expect(try bench.after.pending() == 0)
    }
  }

  @Test func anOrderBehindOneWithoutAnAnswerIsNeitherSentNorSettled() throws {
    try withBench { bench in
      bench.exchange.onSubmit = { (_, id) throws(ExchangeError) in
        if bench.exchange.submitted.count == 2 { throw ExchangeError("timeout") }
        return ExchangeOrder(id: id, state: .filled(quantity: 0.01, averagePrice: 50_000, feeUSD: 0.2))
      }
      for number in 1...4 { try publish(number, on: bench) }
      let later = Outcome.later(reason: "the exchange gave no answer: timeout")
      #expect(try bench.execute() == [.settled, later, later, later])
      #expect(bench.exchange.submitted.count == 2)
      #expect(try bench.after.results().count == 1)
      #expect(try bench.after.pending() == 3)
    }
  }

  @Test func anOrderWithoutAnEndKeepsNoneThatWasMadeFromItsOwn() throws {
    try withBench { bench in
      bench.exchange.onSubmit = { (_, id) throws(ExchangeError) in
        let isOpen = bench.exchange.submitted.count == 2
        return ExchangeOrder(
          id: id, state: isOpen ? .open : .filled(quantity: 0.01, averagePrice: 50_000, feeUSD: 0.2))
      }
      for number in 1...3 { try publish(number, on: bench) }
      let outcomes = try bench.execute()
      let open = try #require(bench.exchange.submitted.dropFirst().first)
      #expect(outcomes == [.settled, .later(reason: "order '\(open)' is still open"), .settled])
      #expect(try bench.after.results().count == 2)
    }
  }

  @Test func whatIsNotOnlyToBeSentComesInItsTurn() throws {
    try withBench { bench in
      bench.fill()
      let now = Timestamp.now().text
      try publish(1, on: bench)
      try bench.publish(["action": "\"hold\""], trace: "hold")
      try publish(2, at: now, on: bench)
      try publish(3, at: now, on: bench)
      try bench.publish(["symbol": "7"], trace: "unreadable")
      try publish(4, on: bench)
      try publish(2, at: now, on: bench)
      let outcomes = try bench.execute()
      #expect(outcomes.count == 7)
      guard outcomes.count == 7, case .deadLetter = outcomes[4] else {
        Issue.record("\(outcomes)")
        return
      }
      #expect(outcomes[..<4] == [.settled, .acknowledge, .settled, .settled])
      #expect(outcomes[5...] == [.settled, .acknowledge])
      #expect(try bench.after.results().map(\.status) == [.filled, .filled, .rejected, .filled])
      #expect(bench.exchange.submitted.count == 3)
      #expect(bench.log.lines("TERMINAL STATE: REJECTED").map(\.message).first?.contains("duplicate of t-2") == true)
    }
  }

  @Test func aStateThatRedisRefusesKeepsNoOtherOrderFromItsEnd() throws {
    try withBench { bench in
      for number in 1...3 { try publish(number, on: bench) }
      let broken = Names.Key.orderState(try TraceID("t-2", payload: ""))
      bench.exchange.onSubmit = { (_, id) throws(ExchangeError) in
        if bench.exchange.submitted.count == 2 {
          for command: Command in [["DEL", broken], ["SET", broken, "no hash"]] {
            _ = try? bench.connection.call(command)
          }
        }
        return ExchangeOrder(id: id, state: .filled(quantity: 0.01, averagePrice: 50_000, feeUSD: 0.2))
      }
      let error = #expect(throws: RedisError.self) { try bench.execute() }
      #expect(error?.serverError?.code == "WRONGTYPE")
      #expect(try bench.after.results().count == 2)
      #expect(try bench.after.pending() == 1)
      #expect(bench.log.lines("TERMINAL STATE: FILLED").count == 2)
    }
  }

  @Test func aStopDoesNotLeaveHalfABatch() throws {
    try withBench { bench in
      bench.fill()
      for number in 1...3 { try publish(number, on: bench) }
      // Raised when the batch is claimed and its first order is about to be sent.
      var asked = 0
      let outcomes = try bench.execute(isStopping: {
        asked += 1
        return asked > 2
      })
      #expect(outcomes == [.settled, .settled, .settled])
    }
  }

  @Test func aStopBeforeABatchBeginsNothing() throws {
    try withBench { bench in
      for number in 1...3 { try publish(number, on: bench) }
      let later = Outcome.later(reason: "stopping: left for the next start")
      #expect(try bench.execute(isStopping: { true }) == [later, later, later])
      #expect(try bench.connection.call(["KEYS", "quantum:dedup:order:*"]).array?.isEmpty == true)
    }
  }

  private func publish(_ number: Int, at time: String = Timestamp.now().text, on bench: Bench) throws {
    try Sample.publish(try Sample.intent(timestamp: time), trace: "t-\(number)", on: bench.connection)
  }

  private func withBench(_ body: (Bench) throws -> Void) throws {
    try RedisServer.with(.init(appendOnly: false)) { server in
      let bench = try Bench(try server.connect())
      bench.exchange.takesBatches = true
      try body(bench)
    }
  }
}

import EventBus
import Glibc
import Redis
import TestSupport
import Testing
import Trading

@testable import Execution

@Suite struct ExecutorTests {
  @Test func anIntentIsSettledOnceAndSaysSo() throws {
    try withBench { bench in
      bench.fill()
      let id = try Sample.publish(try Sample.intent(), trace: "t-1", on: bench.connection)
      #expect(try bench.execute() == [.settled])
      let result = try #require(try bench.after.results().first)
      #expect(result.status == .filled)
      #expect(result.clientOrderID == bench.exchange.submitted.first)
      let line = try #require(bench.log.lines.first)
      #expect(line.message == "TERMINAL STATE: FILLED | BTCUSDT BUY | trace_id=t-1")
      #expect(line.fields == ["TRACE_ID": "t-1", "QT_EVENT": "TERMINAL_STATE", "STREAM_ID": id])
      #expect(try bench.after.pending() == 0)
      let key = "quantum:dedup:order:BTCUSDT_" + (try bench.timestamp())
      #expect(try bench.connection.call(["GET", key]).string == "t-1")
    }
  }

  @Test(arguments: ["2026-01-31T12:00:00.5Z", "2026-01-31T13:00:00.500+01:00", "1769860800.5"])
  func aTwinIsRejectedAndMakesNoOrder(_ spelling: String) throws {
    try withBench(age: .seconds(1 << 40)) { bench in
      bench.fill()
      try Sample.publish(try Sample.intent(timestamp: "2026-01-31T12:00:00.5Z"), trace: "t-1", on: bench.connection)
      // Twice, for it has one end too.
      for _ in 1...2 { try bench.publish(["timestamp": "\"\(spelling)\""], trace: "t-2") }
      #expect(try bench.execute() == [.settled, .settled, .acknowledge])
      #expect(bench.exchange.submitted.count == 1)
      #expect(try bench.after.results().map(\.status) == [.filled, .rejected])
      #expect(
        bench.log.lines.map(\.message).dropFirst() == [
          "TERMINAL STATE: REJECTED | BTCUSDT BUY | Reason: duplicate of t-1 | trace_id=t-2",
          "DUPLICATE_SKIP trace_id=t-2",
        ])
    }
  }

  @Test func anotherActionUnderATraceIsRejectedOnceAndNeverSent() throws {
    try withBench { bench in
      bench.fill()
      for action in ["BUY", "CLOSE", "CLOSE", "BUY"] {
        try Sample.publish(
          try Sample.intent(action: action, timestamp: "2999-01-01T00:00:00Z"), trace: "t-1", on: bench.connection)
      }
      #expect(try bench.execute() == [.settled, .settled, .acknowledge, .acknowledge])
      #expect(bench.exchange.submitted.count == 1)
      #expect(
        bench.log.lines.map(\.message) == [
          "TERMINAL STATE: FILLED | BTCUSDT BUY | trace_id=t-1",
          "TERMINAL STATE: REJECTED | BTCUSDT CLOSE | Reason: conflict: t-1 was BUY | trace_id=t-1",
          "DUPLICATE_SKIP trace_id=t-1", "DUPLICATE_SKIP trace_id=t-1",
        ])
    }
  }

  @Test func aRepetitionThatSaysSomethingElseIsAlsoADeadLetter() throws {
    try withBench { bench in
      bench.fill()
      for size in ["500", "600"] {
        try bench.publish(["timestamp": "\"2999-01-01T00:00:00Z\"", "position_size_usd": size], trace: "t-1")
      }
      #expect(try bench.execute() == [.settled, .deadLetter(reason: "conflict: position_size_usd was 500, is 600")])
      #expect(bench.exchange.submitted.count == 1)
      #expect(
        bench.log.lines.map(\.message).suffix(2) == [
          "DUPLICATE_SKIP trace_id=t-1",
          "CONFLICT trace_id=t-1: position_size_usd was 500, is 600; the first one counts, this one is a dead letter",
        ])
    }
  }

  @Test func whatTheOldServiceBeganIsFailedAndNeverSent() throws {
    try withBench(age: .seconds(1 << 40)) { bench in
      // The old service's key has the timestamp's own text.
      try bench.connection.call(["SET", "quantum:dedup:order:BTCUSDT_2026-01-31T12:00:00", "1"])
      try bench.publish(["timestamp": "\"2026-01-31T12:00:00\""], trace: "t-1")
      #expect(try bench.execute() == [.settled])
      #expect(bench.exchange.submitted.isEmpty)
      #expect(
        bench.log.lines.map(\.message) == [
          "TERMINAL STATE: FAILED | BTCUSDT BUY | Reason: begun by the old service, look at the exchange | trace_id=t-1"
        ])
    }
  }

  @Test func holdIsAcknowledgedAndWhatCannotBeDoneIsRejected() throws {
    try withBench { bench in
      try bench.publish(["action": "\"hold\""], trace: "t-1")
      try bench.publish(["position_size_usd": "null", "size_pct": "0.1"], trace: "t-2")
      #expect(try bench.execute() == [.acknowledge, .settled])
      #expect(bench.exchange.submitted.isEmpty)
      #expect(
        bench.log.lines.map(\.message) == [
          "HOLD | BTCUSDT | trace_id=t-1",
          "TERMINAL STATE: REJECTED | BTCUSDT BUY | Reason: no size: size_pct is a share, not an amount; "
            + "position_size_usd is needed | trace_id=t-2",
        ])
    }
  }

  @Test func anIntentThatComesAgainAfterItsEndIsSkipped() throws {
    try withBench { bench in
      bench.fill()
      let intent = try Sample.intent()
      for _ in 1...2 { try Sample.publish(intent, trace: "t-1", on: bench.connection) }
      #expect(try bench.execute() == [.settled, .acknowledge])
      #expect(bench.log.lines.map(\.message).last == "DUPLICATE_SKIP trace_id=t-1")
    }
  }

  @Test func aStaleIntentIsRejectedWithoutAnOrder() throws {
    try withBench { bench in
      bench.exchange.onLookUp = { _ in nil }
      let intent = try Sample.intent(timestamp: "2026-01-31T12:00:00Z")
      try Sample.publish(intent, trace: "t-1", on: bench.connection)
      #expect(try bench.execute() == [.settled])
      #expect(bench.exchange.submitted.isEmpty)
      // A claim that Redis has lost may have been followed by an order.
      #expect(bench.exchange.lookedUp.count == 1)
      #expect(try bench.after.results().map(\.status) == [.rejected])
      #expect(bench.log.lines("TERMINAL STATE: REJECTED | BTCUSDT BUY | Reason: stale: ").count == 1)
    }
  }

  @Test func aStaleIntentWhoseOrderLivesIsToldAsItIs() throws {
    try withBench { bench in
      bench.exchange.onLookUp = { _ in
        ExchangeOrder(id: "7", state: .filled(quantity: 0.01, averagePrice: 50_000, feeUSD: 0.2))
      }
      try Sample.publish(try Sample.intent(timestamp: "2026-01-31T12:00:00Z"), trace: "t-1", on: bench.connection)
      #expect(try bench.execute() == [.settled])
      #expect(try bench.after.results().map(\.orderID) == ["7"])
    }
  }

  @Test func aProbeNeverReachesTheExchange() throws {
    // The exchange of this bench was told nothing: any call to it is a fault.
    try withBench { bench in
      let probe = try Sample.intent(Probe.symbol, size: 0, isProbe: true)
      try Sample.publish(probe, trace: "p-1", isProbe: true, on: bench.connection)
      try Sample.publish(probe, trace: "p-2", isProbe: true, on: bench.connection)
      #expect(try bench.execute() == [.settled, .settled])
      #expect(bench.exchange.submitted.isEmpty)
      #expect(
        bench.log.lines.map(\.message) == [
          "TERMINAL STATE: REJECTED | PROBEUSDT BUY | Reason: probe | trace_id=p-1",
          "TERMINAL STATE: REJECTED | PROBEUSDT BUY | Reason: probe | trace_id=p-2",
        ])
    }
  }

  @Test func aProbeThatLostItsMarkerIsADeadLetter() throws {
    try withBench { bench in
      let probe = try Sample.intent(Probe.symbol, size: 0, isProbe: true)
      try Sample.publish(probe, trace: "p-1", on: bench.connection)
      let outcomes = try bench.execute()
      #expect(
        outcomes == [
          .deadLetter(reason: "field 'symbol' is 'PROBEUSDT', should be a market's; this one is for probes alone")
        ])
    }
  }

  @Test func anExchangeThatDoesNotAnswerHoldsUpWhatComesBehind() throws {
    try withBench { bench in
      bench.exchange.onSubmit = { (_, _) throws(ExchangeError) in throw ExchangeError("timeout") }
      for number in 1...3 { try Sample.publish(try Sample.intent(), trace: "t-\(number)", on: bench.connection) }
      let later = Outcome.later(reason: "the exchange gave no answer: timeout")
      #expect(try bench.execute() == [later, later, later])
      #expect(bench.exchange.submitted.count == 1)
      #expect(try bench.after.results().isEmpty)
    }
  }

  @Test func aFillWithoutAQuantityIsNotSettled() throws {
    try withBench { bench in
      bench.exchange.onSubmit = { (_, _) in
        ExchangeOrder(id: "7", state: .filled(quantity: 0, averagePrice: nil, feeUSD: 0))
      }
      try Sample.publish(try Sample.intent(), trace: "t-1", on: bench.connection)
      let outcomes = try bench.execute()
      #expect(outcomes == [.later(reason: "order '7' is called filled, but without a quantity and a price")])
      #expect(try bench.after.results().isEmpty)
      #expect(bench.log.lines.isEmpty)
    }
  }

  @Test func aStopLeavesWhatIsNotBegun() throws {
    try withBench(inBatches: [false]) { bench in
      bench.fill()
      for number in 1...3 { try Sample.publish(try Sample.intent(), trace: "t-\(number)", on: bench.connection) }
      let outcomes = try bench.execute(isStopping: { bench.exchange.submitted.count == 1 })
      let later = Outcome.later(reason: "stopping: left for the next start")
      #expect(outcomes == [.settled, later, later])
      #expect(try bench.after.pending() == 2)
    }
  }

  @Test func eachOrderThatIsMadeByItselfIsASignOfLife() throws {
    try withBench(inBatches: [false]) { bench in
      bench.fill()
      for number in 1...3 { try Sample.publish(try Sample.intent(), trace: "t-\(number)", on: bench.connection) }
      var (turns, submitted) = (0, [Int]())
      let life = SignOfLife(of: "test", in: Executor.group, every: .zero) { turns += 1 }
      let executor = try bench.executor(goesOn: { connection throws(RedisError) in
        submitted.append(bench.exchange.submitted.count)
        try life.tell(on: connection)
      })
      _ = try bench.execute(with: executor)
      #expect(submitted == [1, 2, 3])
      #expect(turns == 3)
      let seen = try Executor.group.livelyOther(than: "x", silence: .milliseconds(500), on: bench.connection)
      #expect(seen?.name == "test")
    }
  }

  @Test func aConsumerThatSaysNothingForLongIsTakenForGone() throws {
    try withBench(inBatches: [false]) { bench in
      try Sample.publish(try Sample.intent(), trace: "t-1", on: bench.connection)
      _ = try Executor.group.readNew(as: "test", limit: 1, block: .milliseconds(1), on: bench.connection)
      let life = SignOfLife(of: "test", in: Executor.group, every: .milliseconds(150)) {}
      func isLively() throws -> Bool {
        try Executor.group.livelyOther(than: "x", silence: .milliseconds(100), on: bench.connection) != nil
      }
      usleep(120_000)
      // Not told yet: it was seen a moment ago.
      try life.tell(on: bench.connection)
      #expect(try !isLively())
      usleep(50_000)
      try life.tell(on: bench.connection)
      #expect(try isLively())
    }
  }

  @Test func anOvertakenProcessSettlesNothing() throws {
    try withBench { bench in
      bench.fill()
      try Sample.publish(try Sample.intent(), trace: "t-1", on: bench.connection)
      let executor = try bench.executor()
      _ = try Fence.take(Names.Key.executionEpoch, on: bench.connection)
      let error = #expect(throws: RedisError.self) { try bench.execute(with: executor) }
      #expect(error?.isStaleEpoch == true)
      #expect(bench.exchange.submitted.isEmpty)
      #expect(try bench.after.pending() == 1)
    }
  }

  /// With an exchange that is sent each order on its own, and with one that takes batches: what comes of it is the same.
  private func withBench(
    age: Duration = .seconds(300), inBatches: [Bool] = [false, true], _ body: (Bench) throws -> Void
  ) throws {
    for takesBatches in inBatches {
      try RedisServer.with(.init(appendOnly: false)) { server in
        let bench = try Bench(try server.connect(), age: age)
        bench.exchange.takesBatches = takesBatches
        try body(bench)
      }
    }
  }
}

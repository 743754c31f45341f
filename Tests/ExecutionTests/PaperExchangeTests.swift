import EventBus
import Redis
import TestSupport
import Testing
import Trading

@testable import Execution

@Suite struct PaperExchangeTests {
  @Test func anOrderIsFilledWholeAtItsPriceForAFee() throws {
    try withExchange { exchange, connection in
      let order = try exchange.submit(
        try Sample.intent(size: 500, price: 50_000, leverage: 10), as: "a", before: .never)
      #expect(order.id == "paper-1")
      #expect(order.state == .filled(quantity: 0.01, averagePrice: 50_000, feeUSD: 0.2))
      #expect(try exchange.lookUp("a", sentBefore: .past) == order)
      // 1,000 less the margin of 50 and the fee.
      #expect(try book(connection, "balance") == "949.80000000")
      #expect(try book(connection, "lots:BTCUSDT") == "10")
    }
  }

  @Test func theSameIDMakesOneOrder() throws {
    try withExchange { exchange, connection in
      let orders = try (1...3).map { _ in try exchange.submit(try Sample.intent(), as: "a", before: .never) }
      #expect(Set(orders).count == 1)
      #expect(try book(connection, "orders") == "1")
      #expect(try book(connection, "lots:BTCUSDT") == "10")
    }
  }

  @Test func aRestartChangesNothing() throws {
    try RedisServer.with { server in
      let first = PaperExchange(at: server.endpoint, rules: PaperRules(openingBalance: 1000))
      let order = try first.submit(try Sample.intent(), as: "a", before: .never)
      server.kill()
      try server.start()
      // Another opening balance is not that of a book that is open.
      let second = PaperExchange(at: server.endpoint, rules: PaperRules(openingBalance: 5))
      #expect(try second.lookUp("a", sentBefore: .past) == order)
      #expect(try second.submit(try Sample.intent(), as: "a", before: .never) == order)
      #expect(try book(try server.connect(), "balance") == "949.80000000")
    }
  }

  @Test func anOrderWhoseEndIsRecordedTakesNoMemoryButStaysInTheBook() throws {
    try withExchange { exchange, connection in
      _ = try exchange.submit(try Sample.intent(), as: "a", before: .never)
      exchange.forget("a")
      _ = try exchange.submit(try Sample.intent(), as: "b", before: .never)
      #expect(try connection.call(["EXISTS", PaperExchange.orderKey("a")]) == .integer(0))
      #expect(try connection.call(["EXISTS", PaperExchange.orderKey("b")]) == .integer(1))
      #expect(try book(connection, "orders") == "2")
      #expect(try book(connection, "lots:BTCUSDT") == "20")
    }
  }

  @Test func anEndThatRedisMayHaveLostIsNotRemoved() throws {
    try RedisServer.with { server in
      let exchange = PaperExchange(at: server.endpoint, rules: PaperRules(openingBalance: 1000))
      let order = try exchange.submit(try Sample.intent(), as: "a", before: .never)
      exchange.forget("a")
      server.kill()
      try server.start()
      #expect(throws: ExchangeError.self) { try exchange.submit(try Sample.intent(), as: "b", before: .never) }
      _ = try exchange.submit(try Sample.intent(), as: "b", before: .never)
      #expect(try exchange.lookUp("a", sentBefore: .past) == order)
    }
  }

  @Test func anOrderThatNobodyMadeIsNotThere() throws {
    try withExchange { exchange, _ in
      let order = try exchange.lookUp("a", sentBefore: .past)
      #expect(order == nil)
    }
  }

  @Test func aBalanceThatDoesNotSufficeRejectsAndTheBookStays() throws {
    try withExchange { exchange, connection in
      let order = try exchange.submit(try Sample.intent(size: 10_000, leverage: 10), as: "a", before: .never)
      #expect(order.state == .rejected(reason: "insufficient balance: 1004.00 USD are needed, 1000.00 are free"))
      #expect(try exchange.lookUp("a", sentBefore: .past) == order)
      #expect(try book(connection, "balance") == nil)
      #expect(try book(connection, "lots:BTCUSDT") == nil)
    }
  }

  @Test func closingGivesTheMarginBackWithTheGain() throws {
    try withExchange { exchange, connection in
      _ = try exchange.submit(try Sample.intent(size: 500, price: 50_000), as: "a", before: .never)
      // Up by 10 %: 0.01 BTC have gained 50; of a larger size only what is held is closed.
      let order = try exchange.submit(
        try Sample.intent(action: "CLOSE", size: 5000, price: 55_000), as: "b", before: .never)
      #expect(order.state == .filled(quantity: 0.01, averagePrice: 55_000, feeUSD: 0.22))
      #expect(try book(connection, "balance") == "1049.58000000")
      #expect(try book(connection, "lots:BTCUSDT") == nil)
    }
  }

  @Test func aSaleTurnsAPositionAround() throws {
    try withExchange { exchange, connection in
      _ = try exchange.submit(try Sample.intent(size: 500, price: 50_000), as: "a", before: .never)
      _ = try exchange.submit(try Sample.intent(action: "SELL", size: 1500, price: 50_000), as: "b", before: .never)
      #expect(try book(connection, "lots:BTCUSDT") == "-20")
      #expect(try book(connection, "margin:BTCUSDT") == "100.00000000")
      // Down by 10 %: short of 0.02 BTC, a gain of 100.
      _ = try exchange.submit(try Sample.intent(action: "CLOSE", size: 5000, price: 45_000), as: "c", before: .never)
      #expect(try book(connection, "balance") == "1098.84000000")
    }
  }

  @Test func anAverageIsWeighedByQuantity() throws {
    try withExchange { exchange, connection in
      _ = try exchange.submit(try Sample.intent(size: 500, price: 50_000), as: "a", before: .never)
      _ = try exchange.submit(try Sample.intent(size: 1200, price: 40_000), as: "b", before: .never)
      #expect(try book(connection, "lots:BTCUSDT") == "40")
      #expect(try book(connection, "price:BTCUSDT") == "42500")
    }
  }

  @Test func closingWithoutAPositionIsRejected() throws {
    try withExchange { exchange, _ in
      let order = try exchange.submit(try Sample.intent(action: "CLOSE"), as: "a", before: .never)
      #expect(order.state == .rejected(reason: "reduce only: no position in BTCUSDT to close"))
    }
  }

  @Test func aMarketOrderHasThePriceOfTheLastTrade() throws {
    try withExchange { exchange, _ in
      var market = try Sample.intent(size: 500)
      market.entryPrice = nil
      let first = try exchange.submit(market, as: "a", before: .never)
      guard case .rejected(let reason) = first.state else {
        Issue.record("not rejected: \(first)")
        return
      }
      #expect(reason.hasPrefix("no market price: "))
      _ = try exchange.submit(try Sample.intent(size: 500, price: 40_000), as: "b", before: .never)
      let order = try exchange.submit(market, as: "c", before: .never)
      #expect(order.state == .filled(quantity: 0.012, averagePrice: 40_000, feeUSD: 0.192))
    }
  }

  @Test func aMarketOrderOfABatchHasThePriceOfTheTradeBeforeIt() throws {
    try withExchange { exchange, connection in
      var market = try Sample.intent(size: 500)
      market.entryPrice = nil
      let orders = [
        OrderToMake(try Sample.intent(size: 500, price: 40_000), as: "a", before: .never),
        OrderToMake(market, as: "b", before: .never), OrderToMake(market, as: "c", before: .never),
        OrderToMake(try Sample.intent(size: 500, price: 50_000), as: "d", before: .never),
        OrderToMake(market, as: "e", before: .never),
      ]
      let prices = try exchange.submit(orders).map { answer in
        guard case .filled(_, let price?, _) = try answer.get().state else { return 0.0 }
        return price
      }
      #expect(prices == [40_000, 40_000, 40_000, 50_000, 50_000])
      #expect(try book(connection, "orders") == "5")
    }
  }

  @Test func anOrderWhoseKeyIsAnothersHoldsUpTheBatchBehindIt() throws {
    try withExchange { exchange, connection in
      try connection.call(["SET", PaperExchange.orderKey("b"), "no order"])
      let orders = try ["a", "b", "c"].map { OrderToMake(try Sample.intent(), as: $0, before: .never) }
      let answers = exchange.submit(orders)
      #expect(answers.count == 2)
      guard case .failure(let error)? = answers.last else {
        Issue.record("\(answers)")
        return
      }
      #expect(error.reason.contains("WRONGTYPE"))
      #expect(try answers.first?.get() == exchange.lookUp("a", sentBefore: .past))
      #expect(try book(connection, "orders") == "1")
    }
  }

  @Test func anIDTwiceInABatchIsOneOrder() throws {
    try withExchange { exchange, connection in
      let orders = try ["a", "a"].map { OrderToMake(try Sample.intent(), as: $0, before: .never) }
      let made = try exchange.submit(orders).map { try $0.get() }
      #expect(made.count == 2 && Set(made).count == 1)
      #expect(try book(connection, "orders") == "1")
    }
  }

  @Test(arguments: [("BUY", "SELL", "long"), ("SELL", "BUY", "short")])
  func reduceOnlyShrinksAPositionAndNeverOpensOne(_ opening: String, _ reducing: String, _ kind: String) throws {
    try withExchange { exchange, connection in
      func reduce(_ action: String, _ size: Double, _ id: String) throws -> ExchangeOrder.State {
        var intent = try Sample.intent(action: action, size: size, price: 50_000)
        intent.reduceOnly = true
        return try exchange.submit(intent, as: id, before: .never).state
      }
      let none = ExchangeOrder.State.rejected(reason: "reduce only: no \(kind) position in BTCUSDT to close")
      #expect(try reduce(reducing, 500, "a") == none)
      _ = try exchange.submit(try Sample.intent(action: opening, size: 500, price: 50_000), as: "b", before: .never)
      // It never makes a position larger.
      guard case .rejected = try reduce(opening, 500, "c") else {
        Issue.record("it opened")
        return
      }
      #expect(try reduce(reducing, 200, "d") == .filled(quantity: 0.004, averagePrice: 50_000, feeUSD: 0.08))
      // Nor does it turn one around.
      #expect(try reduce(reducing, 5000, "e") == .filled(quantity: 0.006, averagePrice: 50_000, feeUSD: 0.12))
      #expect(try book(connection, "lots:BTCUSDT") == nil)
      #expect(try reduce(reducing, 500, "f") == none)
    }
  }

  @Test func aBookOutOfReachIsNoAnswer() throws {
    let exchange = PaperExchange(at: Endpoint(.unix(path: "/nonexistent/redis.sock")), rules: PaperRules())
    #expect(throws: ExchangeError.self) { try exchange.lookUp("a", sentBefore: .past) }
    #expect(throws: ExchangeError.self) { try exchange.submit(try Sample.intent(), as: "a", before: .never) }
  }

  @Test func aBookThatComesBackIsUsedAgain() throws {
    try RedisServer.with { server in
      let exchange = PaperExchange(at: server.endpoint, rules: PaperRules())
      _ = try exchange.submit(try Sample.intent(), as: "a", before: .never)
      server.kill()
      #expect(throws: ExchangeError.self) { try exchange.lookUp("a", sentBefore: .past) }
      try server.start()
      #expect(try exchange.lookUp("a", sentBefore: .past) != nil)
    }
  }

  private func withExchange(_ body: (PaperExchange, Connection) throws -> Void) throws {
    try RedisServer.with(.init(appendOnly: false)) { server in
      let exchange = PaperExchange(at: server.endpoint, rules: PaperRules(openingBalance: 1000))
      try body(exchange, try server.connect())
    }
  }

  private func book(_ connection: Connection, _ field: String) throws -> String? {
    try connection.call(["HGET", PaperExchange.bookKey, field]).string
  }
}

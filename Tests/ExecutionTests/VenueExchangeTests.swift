import EventBus
import TestSupport
import Testing
import Trading

@testable import Execution

/// A venue at its worst, one fault at a time.
@Suite(.timeLimit(.minutes(2))) struct VenueExchangeTests {
  @Test(arguments: ["silent", "late", "drop"])
  func anOrderWhoseAnswerIsLostIsFound(_ fault: String) async throws {
    try await with("\(fault)=1") { exchange, venue in
      #expect(throws: ExchangeError.self) { try submit(to: exchange) }
      let order = try ExchangeTests.patiently { try exchange.lookUp("qt-1", sentBefore: ExchangeTests.soon()) }
      #expect(order?.id == "v-1")
      #expect(try venue.ledger().count == 1)
    }
  }

  @Test(arguments: ["lost", "limited"])
  func anOrderThatNeverArrivedIsNone(_ fault: String) async throws {
    try await with("\(fault)=1") { exchange, venue in
      let deadline = ExchangeTests.soon(100)
      #expect(throws: ExchangeError.self) { try submit(to: exchange, before: deadline) }
      let order = try ExchangeTests.patiently { try exchange.lookUp("qt-1", sentBefore: deadline) }
      #expect(order == nil)
      #expect(try venue.ledger().isEmpty)
    }
  }

  @Test func anOrderIsNotSaidToBeNoneWhileItIsUnderWay() async throws {
    try await with("slow=1") { exchange, venue in
      let deadline = ExchangeTests.soon(5000)
      #expect(throws: ExchangeError.self) { try submit(to: exchange, before: deadline) }
      #expect(throws: ExchangeError.self) { try exchange.lookUp("qt-1", sentBefore: deadline) }
      let order = try ExchangeTests.patiently { try exchange.lookUp("qt-1", sentBefore: deadline) }
      #expect(order?.id == "v-1")
    }
  }

  @Test func aHistoryThatLagsFarBehindIsWaitedForOverSeveralQuestions() async throws {
    try await with("lost=1", lag: 1000) { exchange, _ in
      let deadline = ExchangeTests.soon(50)
      #expect(throws: ExchangeError.self) { try submit(to: exchange, before: deadline) }
      var refusals = 0
      let order = try ExchangeTests.patiently {
        do {
          return try exchange.lookUp("qt-1", sentBefore: deadline)
        } catch {
          refusals += 1
          throw error
        }
      }
      #expect(order == nil)
      #expect(refusals > 2)
    }
  }

  @Test func anAnswerThatComesTwiceIsNotTakenForAnothers() async throws {
    try await with("twice=1") { exchange, venue in
      let orders = try (1...5).map { try exchange.submit(try Sample.intent(), as: "qt-\($0)", before: .never) }
      #expect(orders.map(\.id) == ["v-1", "v-2", "v-3", "v-4", "v-5"])
    }
  }

  @Test func anIDIsRefusedWhileItsOrderIsOpenAndForgottenOnceItIsFilled() async throws {
    try await with("open=1") { exchange, venue in
      #expect(try submit(to: exchange).state == .open)
      let error = #expect(throws: ExchangeError.self) { try submit(to: exchange) }
      #expect(error?.reason == "it refused: the id is in use for v-1")
      try await eventually("it is filled") {
        guard case .filled = try exchange.lookUp("qt-1", sentBefore: .past)?.state else { return false }
        return true
      }
      // Why nothing is ever sent blindly.
      #expect(try submit(to: exchange).id == "v-2")
      #expect(try venue.ledger().map(\.clientOrderID) == ["qt-1", "qt-1"])
    }
  }

  @Test func anEndWithoutAFillAndARefusalAreTold() async throws {
    try await with("dead=1") { exchange, _ in
      _ = try submit(to: exchange)
      try await eventually("it is over") {
        try exchange.lookUp("qt-1", sentBefore: .past)?.state == .dead(reason: "expired")
      }
    }
    try await with("rejected=1") { exchange, venue in
      let order = try submit(to: exchange)
      #expect(order.state == .rejected(reason: "insufficient balance"))
      #expect(try venue.ledger().isEmpty)
    }
  }

  @Test func aFillThatIsNotTellingIsToldInFullWhenAskedFor() async throws {
    try await with("vague=1") { exchange, _ in
      #expect(try submit(to: exchange).state == .filled(quantity: nil, averagePrice: nil, feeUSD: 0))
      let order = try ExchangeTests.patiently { try exchange.lookUp("qt-1", sentBefore: ExchangeTests.soon()) }
      #expect(order?.state == .filled(quantity: 0.25, averagePrice: 2000, feeUSD: 0.2))
    }
  }

  @Test func aHistoryThatLagsHoldsUpABatchOnceAndNotEveryOrder() async throws {
    try await with("", lag: 200) { exchange, venue in
      _ = try submit(to: exchange)
      let asked = (1...20).map { (clientOrderID: "qt-\($0)", sentBefore: Deadline.past) }
      let start = ContinuousClock.now
      exchange.expect(asked)
      for (id, deadline) in asked {
        #expect(
          try ExchangeTests.patiently { try exchange.lookUp(id, sentBefore: deadline) }?.id
            == (id == "qt-1" ? "v-1" : nil))
      }
      // Twenty times the lag would be four seconds.
      #expect(ContinuousClock.now - start < .seconds(2))
    }
  }

  @Test func aVenueThatStandsStillIsNotWaitedForLonger() async throws {
    try await with("") { exchange, venue in
      _ = try submit(to: exchange)
      venue.pause(true)
      let start = ContinuousClock.now
      #expect(throws: ExchangeError.self) { try exchange.lookUp("qt-1", sentBefore: .past) }
      #expect(ContinuousClock.now - start < .seconds(2))
      venue.pause(false)
      #expect(try ExchangeTests.patiently { try exchange.lookUp("qt-1", sentBefore: .past) }?.id == "v-1")
    }
  }

  @Test func whatTheVenueCannotEnforceIsRejectedAndNotSent() async throws {
    try await with("") { exchange, venue in
      var intent = try Sample.intent(action: "SELL")
      intent.reduceOnly = true
      let order = try exchange.submit(intent, as: "qt-1", before: .never)
      #expect(order.state == .rejected(reason: "reduce only: this venue cannot enforce it"))
      #expect(try venue.ledger().isEmpty)
    }
  }

  @Test func aMarketOrderHasADashForItsPrice() async throws {
    try await with("") { exchange, venue in
      var intent = try Sample.intent(size: 0.0000123)
      intent.entryPrice = nil
      _ = try exchange.submit(intent, as: "qt-1", before: .never)
      #expect(try venue.ledger().count == 1)
    }
  }

  @discardableResult
  private func submit(to exchange: VenueExchange, before deadline: Deadline = .never) throws -> ExchangeOrder {
    try exchange.submit(try Sample.intent(), as: "qt-1", before: deadline)
  }

  private func with(
    _ faults: String, lag: Int = 20, _ body: (VenueExchange, VenueProcess) async throws -> Void
  ) async throws {
    try await TemporaryFolder.with { folder in
      let venue = try VenueProcess(in: folder.path, ["--faults", faults, "--slowness", "600", "--lag", "\(lag)"])
      try await body(VenueExchange(at: venue.socket, timeout: .milliseconds(300)), venue)
    }
  }
}

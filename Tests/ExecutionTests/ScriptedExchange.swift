import EventBus
import Testing
import Trading

@testable import Execution

/// An exchange that a test tells what to answer; what it was not told of is a fault.
final class ScriptedExchange: Exchange {
  var takesBatches = false
  var onSubmit: ((Intent, String) throws(ExchangeError) -> ExchangeOrder)?
  var onLookUp: ((String) throws(ExchangeError) -> ExchangeOrder?)?
  private(set) var submitted: [String] = []
  private(set) var lookedUp: [String] = []

  func submit(
    _ intent: Intent, as clientOrderID: String, before deadline: Deadline
  ) throws(ExchangeError) -> ExchangeOrder {
    submitted.append(clientOrderID)
    guard let onSubmit else {
      Issue.record("an order of '\(intent.symbol)' reached the exchange")
      throw ExchangeError("not told")
    }
    return try onSubmit(intent, clientOrderID)
  }

  func lookUp(
    _ clientOrderID: String, sentBefore deadline: Deadline
  ) throws(ExchangeError) -> ExchangeOrder? {
    lookedUp.append(clientOrderID)
    guard let onLookUp else {
      Issue.record("the exchange was asked for '\(clientOrderID)'")
      throw ExchangeError("not told")
    }
    return try onLookUp(clientOrderID)
  }
}

package import EventBus
package import Trading

/// Where orders are made. Used by one thread, which an answer may keep waiting.
package protocol Exchange {
  /// Makes the order of an intent, under an id of ours, unless the deadline has passed by the exchange's clock when it
  /// gets there. It is called only when no order lives under that id: an exchange may forget the ids of orders that are
  /// over, and make another one.
  ///
  /// - Throws: When the exchange gave no answer that tells an order's state. Whether one lives is not known then; `lookUp`
  ///   tells.
  func submit(
    _ intent: Intent, as clientOrderID: String, before deadline: Deadline
  ) throws(ExchangeError) -> ExchangeOrder

  /// Makes many orders, one after the other, each as above. Stops at the first without an answer that tells its state:
  /// the last of the answers is its error then, and of those behind it nothing is known either.
  func submit(_ orders: [OrderToMake]) -> [Result<ExchangeOrder, ExchangeError>]

  /// Whether many orders take hardly longer than one, so that they can be claimed at once, within one window.
  var takesBatches: Bool { get }

  /// The order that was made under that id, also when it is over. nil when the exchange is sure that there is none, and
  /// that none can come any more of what was sent with a deadline up to `deadline`.
  ///
  /// - Throws: When the exchange gave no answer, or is not sure yet.
  func lookUp(_ clientOrderID: String, sentBefore deadline: Deadline) throws(ExchangeError) -> ExchangeOrder?

  /// Told of look-ups that are about to come, so that what has to be waited for is waited for once. What goes wrong here
  /// is told by `lookUp`.
  func expect(_ lookUps: [(clientOrderID: String, sentBefore: Deadline)])

  /// The order's end is recorded: nobody asks for it or sends it again.
  func forget(_ clientOrderID: String)

  /// Whether `submit` under the id of an order that was made returns that order, also when it is over, until `forget`. Such
  /// an exchange needs no question before it.
  var isIdempotent: Bool { get }
}

extension Exchange {
  package func submit(_ orders: [OrderToMake]) -> [Result<ExchangeOrder, ExchangeError>] {
    var answers: [Result<ExchangeOrder, ExchangeError>] = []
    for order in orders {
      do {
        answers.append(.success(try submit(order.intent, as: order.clientOrderID, before: order.deadline)))
      } catch {
        return answers + [.failure(error)]
      }
    }
    return answers
  }

  package var takesBatches: Bool { false }

  package var isIdempotent: Bool { false }

  package func expect(_ lookUps: [(clientOrderID: String, sentBefore: Deadline)]) {}

  package func forget(_ clientOrderID: String) {}
}

/// An order that an exchange is to make.
package struct OrderToMake: Sendable, Hashable {
  package let intent: Intent
  package let clientOrderID: String
  package let deadline: Deadline

  package init(_ intent: Intent, as clientOrderID: String, before deadline: Deadline) {
    (self.intent, self.clientOrderID, self.deadline) = (intent, clientOrderID, deadline)
  }
}

/// An order as the exchange tells it.
package struct ExchangeOrder: Sendable, Hashable {
  package enum State: Sendable, Hashable {
    /// It lives, or it is not known to be over.
    case open
    /// Called filled; nil where the exchange did not say how much or at which price.
    case filled(quantity: Double?, averagePrice: Double?, feeUSD: Double)
    /// The exchange refused it.
    case rejected(reason: String)
    /// It ended without a fill after it had been taken: cancelled or expired.
    case dead(reason: String)
  }

  /// The exchange's own; empty when it gave none.
  package let id: String
  package let state: State

  package init(id: String, state: State) {
    self.id = id
    self.state = state
  }
}

/// The exchange gave no answer, or none that can be read. Nothing is known about the order.
package struct ExchangeError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What happened, in words.
  package let reason: String

  package init(_ reason: String) {
    self.reason = reason
  }

  package var description: String { "the exchange gave no answer: \(reason)" }
}

/// Where probes end: it has no credentials, no socket and no book, and refuses everything.
package struct ProbeExchange: Exchange {
  /// The reason in the terminal state of every probe.
  package static let reason = "probe"

  package init() {}

  package func submit(
    _ intent: Intent, as clientOrderID: String, before deadline: Deadline
  ) throws(ExchangeError) -> ExchangeOrder {
    ExchangeOrder(id: "", state: .rejected(reason: Self.reason))
  }

  package func lookUp(
    _ clientOrderID: String, sentBefore deadline: Deadline
  ) throws(ExchangeError) -> ExchangeOrder? {
    nil
  }
}

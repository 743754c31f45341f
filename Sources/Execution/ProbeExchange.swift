package import EventBus
package import Trading

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

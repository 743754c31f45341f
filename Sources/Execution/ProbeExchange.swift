public import EventBus
public import Trading

/// Where probes end: it has no credentials, no socket and no book, and refuses everything.
public struct ProbeExchange: Exchange {
  /// The reason in the terminal state of every probe.
  public static let reason = "probe"

  public init() {}

  public func submit(
    _ intent: Intent, as clientOrderID: String, before deadline: Deadline
  ) throws(ExchangeError) -> ExchangeOrder {
    ExchangeOrder(id: "", state: .rejected(reason: Self.reason))
  }

  public func lookUp(
    _ clientOrderID: String, sentBefore deadline: Deadline
  ) throws(ExchangeError) -> ExchangeOrder? {
    nil
  }
}

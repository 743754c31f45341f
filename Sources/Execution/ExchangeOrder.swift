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

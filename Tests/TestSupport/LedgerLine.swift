/// An order that the venue double has made, as its ledger has it.
package struct LedgerLine: Sendable, Hashable {
  package enum Fate: String, Sendable {
    case filled = "FILLED"
    /// Ended without a fill.
    case dead = "DEAD"
  }

  /// Milliseconds since 1970.
  package let moment: Int64
  package let order: String
  package let clientOrderID: String
  package let fate: Fate

  package init(moment: Int64, order: String, clientOrderID: String, fate: Fate) {
    self.moment = moment
    self.order = order
    self.clientOrderID = clientOrderID
    self.fate = fate
  }

  /// nil when `text` is no such line.
  package init?(_ text: Substring) {
    let words = text.split(separator: " ")
    guard words.count == 4, let moment = Int64(words[0]), let fate = Fate(rawValue: String(words[3])) else {
      return nil
    }
    self.init(moment: moment, order: String(words[1]), clientOrderID: String(words[2]), fate: fate)
  }

  package var text: String { "\(moment) \(order) \(clientOrderID) \(fate.rawValue)" }
}

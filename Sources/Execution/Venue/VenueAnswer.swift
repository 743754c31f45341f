internal import EventBus

/// What a venue answers to one question, without the question's number.
enum VenueAnswer: Equatable {
  case order(ExchangeOrder)
  /// No order, as far as the venue knows of all until that moment.
  case none(asOf: Deadline)
  /// Nothing came of the question: too many of them, too late, the id is in use.
  case refused(reason: String)

  /// nil when it is none of these:
  ///
  ///     OPEN <order> · FILLED <order> <quantity> <price> <fee> · REJECTED <order> <reason> · DEAD <order> <reason>
  ///     NONE <milliseconds> · REFUSED <reason>
  ///
  /// `-` stands for what the venue does not say.
  init?(_ words: [Substring]) {
    guard words.count >= 2 else { return nil }
    let id = String(words[1])
    let rest = words.dropFirst(2)
    switch (words[0], rest.count) {
    case ("OPEN", 0): self = .order(ExchangeOrder(id: id, state: .open))
    case ("FILLED", 3):
      guard let fee = Double(words[4]) else { return nil }
      self = .order(
        ExchangeOrder(
          id: id, state: .filled(quantity: Double(words[2]), averagePrice: Double(words[3]), feeUSD: fee)))
    case ("REJECTED", 1...):
      self = .order(ExchangeOrder(id: id == "-" ? "" : id, state: .rejected(reason: Self.text(rest))))
    case ("DEAD", 1...): self = .order(ExchangeOrder(id: id, state: .dead(reason: Self.text(rest))))
    case ("NONE", 0):
      guard let moment = Int64(id) else { return nil }
      self = .none(asOf: Deadline(milliseconds: moment))
    case ("REFUSED", _): self = .refused(reason: Self.text(words.dropFirst()))
    default: return nil
    }
  }

  private static func text(_ words: ArraySlice<Substring>) -> String {
    words.joined(separator: " ")
  }
}

package import EventBus
internal import Glibc
package import Trading

/// An exchange behind a unix socket, asked line by line:
///
///     <number> ORDER <id> <deadline> <symbol> <action> <USD> <price, or - for a market order> <leverage>
///     <number> OPEN <id>          the open order of that id
///     <number> HISTORY <id>       the order of that id that is over
///
/// `VenueAnswer` has the answers. As with exchanges of this world, an id is known among the open orders only: once the
/// order is filled another one can be made under it. So an order is looked for among the open ones first and in the
/// history then, which may lag and says how far it goes.
package final class VenueExchange: Exchange {
  private let path: String
  private let timeout: Duration
  private var connection: VenueConnection?
  /// The looks that found nothing open, behind the deadline that was asked with. They stay true, since nothing comes
  /// after its deadline.
  private var unseen: [String: (deadline: Deadline, asked: Deadline)] = [:]

  /// - Parameter timeout: How long one answer may take.
  package init(at path: String, timeout: Duration) {
    self.path = path
    self.timeout = timeout
  }

  package func submit(
    _ intent: Intent, as clientOrderID: String, before deadline: Deadline
  ) throws(ExchangeError) -> ExchangeOrder {
    guard !intent.reduceOnly else {
      // The line has no word for it, and without one the order could open a position.
      return ExchangeOrder(id: "", state: .rejected(reason: "reduce only: this venue cannot enforce it"))
    }
    let words: [any CustomStringConvertible] = [
      clientOrderID, deadline, intent.symbol, intent.action.rawValue, intent.positionSizeUSD.plainText,
      intent.entryPrice?.plainText ?? "-", intent.leverage,
    ]
    // What was not there before may be there now.
    unseen[clientOrderID] = nil
    switch try ask("ORDER \(words.map(\.description).joined(separator: " "))") {
    case .order(let order): return order
    case .refused(let reason): throw ExchangeError("it refused: \(reason)")
    case .none: throw ExchangeError("it answered an order with that there is none")
    }
  }

  package func lookUp(
    _ clientOrderID: String, sentBefore deadline: Deadline
  ) throws(ExchangeError) -> ExchangeOrder? {
    let asked: Deadline
    if let before = unseen[clientOrderID], before.deadline == deadline {
      // So that a history that lags far behind comes up to it at last.
      asked = before.asked
    } else {
      let (open, moment) = try find("OPEN \(clientOrderID)")
      if let open { return open }
      asked = moment
      if unseen.count >= Self.mostUnseen { unseen.removeAll() }
      unseen[clientOrderID] = asked >= deadline ? (deadline, asked) : nil
    }
    // An order that was over when that answer was given is in a history that reaches up to it.
    let end = ContinuousClock.now + timeout
    while true {
      let (over, reach) = try find("HISTORY \(clientOrderID)")
      if let over { return over }
      guard asked >= deadline else { throw ExchangeError("what was sent may still come, until \(deadline)") }
      if reach >= asked { return nil }
      guard ContinuousClock.now < end else { throw ExchangeError("its history lags behind, at \(reach)") }
      usleep(UInt32(clamping: min(asked.milliseconds - reach.milliseconds, 50) * 1000))
    }
  }

  /// Looks among the open orders for all of them, so that the history has come up to the looks when they are answered:
  /// one that lags holds up a batch once and not every order of it.
  package func expect(_ lookUps: [(clientOrderID: String, sentBefore: Deadline)]) {
    var looks: [String: (deadline: Deadline, asked: Deadline)] = [:]
    for (id, deadline) in lookUps {
      if let before = unseen[id], before.deadline == deadline {
        looks[id] = before
        continue
      }
      guard let (open, moment) = try? find("OPEN \(id)") else { break }
      if open == nil, moment >= deadline { looks[id] = (deadline, moment) }
    }
    unseen.merge(looks) { $1 }
    if unseen.count > Self.mostUnseen { unseen = looks }
  }

  private static let mostUnseen = 4096

  /// The order, or how far the venue knows that there is none.
  private func find(_ question: String) throws(ExchangeError) -> (ExchangeOrder?, asOf: Deadline) {
    switch try ask(question) {
    case .order(let order): return (order, Deadline(milliseconds: .max))
    case .none(let moment): return (nil, moment)
    case .refused(let reason): throw ExchangeError("it refused: \(reason)")
    }
  }

  private func ask(_ question: String) throws(ExchangeError) -> VenueAnswer {
    let open: VenueConnection
    if let connection, connection.isOpen {
      open = connection
    } else {
      open = try VenueConnection(to: path, timeout: timeout)
      connection = open
    }
    let words = try open.ask(question)
    guard let answer = VenueAnswer(words) else {
      throw ExchangeError("it answered '\(words.joined(separator: " "))' to '\(question)'")
    }
    return answer
  }
}

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

import Synchronization
import TestSupport

/// The orders of the venue. It knows an id among the open orders only, as exchanges do: under the id of an order that is
/// over it makes another one.
struct Book {
  struct Order {
    let name: String
    let fate: LedgerLine.Fate
    /// When it is over, in milliseconds since 1970.
    let end: Int64

    func answer(at now: Int64) -> String {
      if now < end { return "OPEN \(name)" }
      return fate == .filled ? "FILLED \(name) 0.25 2000 0.2" : "DEAD \(name) expired"
    }
  }

  private let faults: FaultProfile
  /// How long an order stays open, in milliseconds, where it does.
  private let openTime: Int64
  /// How far the history lags behind, in milliseconds.
  private let lag: Int64
  private let write: (LedgerLine) -> Void
  private var orders: [String: [Order]] = [:]
  private var attempts: [String: Int] = [:]
  private var made = 0

  init(faults: FaultProfile, openTime: Int64, lag: Int64, write: @escaping (LedgerLine) -> Void) {
    self.faults = faults
    self.openTime = openTime
    self.lag = lag
    self.write = write
  }

  /// Counts an attempt to make an order, and how it is delivered.
  mutating func delivery(of id: String) -> FaultProfile.Delivery? {
    attempts[id, default: 0] += 1
    return faults.delivery(of: id, attempt: attempts[id] ?? 0)
  }

  mutating func make(_ id: String, before deadline: Int64, at now: Int64) -> String {
    if now >= deadline { return "REFUSED it came \(now - deadline) ms after its deadline" }
    if let open = open(id, at: now) { return "REFUSED the id is in use for \(open.name)" }
    let fate = faults.fate(of: id)
    if fate == .rejected { return "REJECTED - insufficient balance" }
    made += 1
    let order = Order(
      name: "v-\(made)", fate: fate == .dead ? .dead : .filled, end: fate == nil ? now : now + openTime)
    orders[id, default: []].append(order)
    write(LedgerLine(moment: now, order: order.name, clientOrderID: id, fate: order.fate))
    return order.answer(at: now)
  }

  func open(_ id: String, at now: Int64) -> Order? {
    orders[id]?.last { now < $0.end }
  }

  /// The order of an id that is over, as far as the history goes, or how far that is.
  func history(_ id: String, at now: Int64) -> String {
    orders[id]?.last { $0.end <= now - lag }?.answer(at: now) ?? "NONE \(now - lag)"
  }
}

/// The book, for all connections.
final class SharedBook: Sendable {
  private let book: Mutex<Book>

  init(_ book: sending Book) {
    self.book = Mutex(book)
  }

  func use<Result: Sendable>(_ body: (inout Book) -> Result) -> Result {
    book.withLock { body(&$0) }
  }
}

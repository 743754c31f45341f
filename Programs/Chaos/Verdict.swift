import EventBus
import TestSupport
import Trading

/// What must hold for every trace of a run, and for which it does not.
struct Verdict {
  struct Row {
    let promise: String
    let found: String
    /// What breaks the promise: traces, or words about it.
    let broken: [String]
  }

  private(set) var rows: [Row] = []
  let traces: [String]

  /// - Parameter hasLosses: Whether Redis lost writes. Then the promises hold for what it still knows, but for the orders:
  ///   at most one for everything. Lines may be missing or there twice, as their entries may.
  init(_ evidence: Evidence, traces all: [String], faults: [String], hasLosses: Bool) {
    traces = hasLosses ? all.filter { evidence.decisions[$0] != nil } : all
    let repeats = evidence.decisions.values.reduce(0) { $0 + $1.count - 1 }
    add("every decision is published", "\(evidence.decisions.count), and \(repeats) repeats") {
      evidence.decisions[$0] == nil
    }
    add("exactly one intent", "\(evidence.intents.count)") { evidence.intents[$0]?.count != 1 }
    add("exactly one terminal state", Self.states(evidence)) { evidence.results[$0]?.count != 1 }
    addOrders(evidence, all)
    rows.append(
      Row(
        promise: "no dead letter", found: "\(evidence.letters.count)",
        broken: evidence.letters.map { $0["entry.trace_id"] ?? $0.id }))
    let left = evidence.pending + evidence.undelivered
    rows.append(
      Row(
        promise: "nothing is left", found: "pending \(evidence.pending), lag \(evidence.undelivered)",
        broken: left == 0 ? [] : ["\(left) entries"]))
    if !hasLosses { addSkips(evidence, repeats: repeats) }
    rows.append(Row(promise: "no program ends by itself", found: "\(faults.count)", broken: faults))
  }

  var isGood: Bool { rows.allSatisfy(\.broken.isEmpty) }

  private mutating func add(_ promise: String, _ found: String, isBroken: (String) -> Bool) {
    rows.append(Row(promise: promise, found: found, broken: traces.filter(isBroken)))
  }

  private mutating func addOrders(_ evidence: Evidence, _ all: [String]) {
    let orders = evidence.orders
    func made(_ trace: String) -> [String] {
      guard let id = try? TraceID(trace, payload: "").clientOrderID else { return [] }
      return (orders[id] ?? []).map { "\($0.order) \($0.fate)" }
    }
    rows.append(
      Row(
        promise: "at most one order", found: "\(orders.values.reduce(0) { $0 + $1.count })",
        broken: all.filter { made($0).count > 1 }))
    add("exactly the order that is told", "\(orders.count)") { trace in
      guard let result = evidence.results[trace]?.first else { return false }
      switch result.status {
      case .filled: return made(trace) != ["\(result.orderID) filled"]
      case .failed: return made(trace) != ["\(result.orderID) dead"]
      case .rejected: return !made(trace).isEmpty
      }
    }
    let known = Set(all.compactMap { try? TraceID($0, payload: "").clientOrderID })
    rows.append(
      Row(
        promise: "no order of nobody", found: "\(orders.count { !known.contains($0.key) })",
        broken: orders.keys.filter { !known.contains($0) }))
  }

  /// A line for a repeat can be missing, where a program died between the skip and the line; none can be too many.
  private mutating func addSkips(_ evidence: Evidence, repeats: Int) {
    let skips = Dictionary(grouping: evidence.skips, by: \.trace)
    let broken = skips.filter { trace, lines in
      let entries = Set((evidence.decisions[trace] ?? []).map(\.id))
      let named = lines.map(\.entry)
      return Set(named).count != named.count || named.count > entries.count - 1 || !entries.isSuperset(of: named)
    }
    let missing = repeats - evidence.skips.count
    rows.append(
      Row(
        promise: "each DUPLICATE_SKIP has its repeat",
        found: "\(evidence.skips.count), \(missing) died before the line", broken: broken.keys.sorted()))
    add("at most one TERMINAL STATE line", "\(evidence.terminalLines.values.reduce(0, +))") {
      evidence.terminalLines[$0] ?? 0 > 1
    }
  }

  private static func states(_ evidence: Evidence) -> String {
    let all = evidence.results.values.joined()
    return OrderResult.Status.allCases.map { status in "\(all.count { $0.status == status }) \(status.rawValue)" }
      .joined(separator: ", ")
  }
}

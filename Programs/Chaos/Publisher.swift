import EventBus
import Glibc
import Redis
import Synchronization
import Trading

/// Publishes decisions at their times, each until Redis has said that it has it, as a producer does that wants to lose
/// none: where the answer was lost, the decision comes twice.
final class Publisher: Sendable {
  private struct State {
    var published = 0
    var isDone = false
  }

  private let state = Mutex(State())

  /// Decisions that Redis has taken.
  var published: Int { state.withLock { $0.published } }
  var isDone: Bool { state.withLock { $0.isDone } }

  /// Blocks the calling thread.
  func run(
    _ list: [Plan.Publication], as publisher: Int, of decisions: Decisions, to endpoint: Endpoint,
    from start: ContinuousClock.Instant
  ) {
    let stream = Stream(Names.Stream.decisions)
    var connection: Connection?
    for publication in list {
      let early = ContinuousClock.now.duration(to: start + publication.at)
      if early > .zero { usleep(UInt32(early / .microseconds(1))) }
      let fields = decisions.fields(publication.number, publisher: publisher)
      while true {
        do {
          let open = try connection ?? Connection(to: endpoint)
          connection = open
          try stream.publish(fields, on: open)
          break
        } catch {
          connection = nil
          usleep(20_000)
        }
      }
      state.withLock { $0.published += 1 }
    }
    state.withLock { $0.isDone = true }
  }
}

/// The decisions of a run, each known by its number.
struct Decisions: Sendable {
  let seed: UInt64
  let start: Timestamp

  func trace(_ number: Int) -> String {
    "chaos-\(seed)-\(number)"
  }

  /// The same number is always the same decision, in an envelope of its own each time.
  func fields(_ number: Int, publisher: Int) -> [Field] {
    // No two decisions are of the same moment, since those of one moment and symbol are twins.
    let moment = Timestamp(
      seconds: start.seconds + Int64(number / 1_000_000), nanoseconds: number % 1_000_000 * 1000)
    let payload = """
      {"symbol": "\(number % 2 == 0 ? "ETHUSDT" : "BTCUSDT")", "side": "\(number % 3 == 0 ? "sell" : "buy")", \
      "confidence": 0.5, "entry_price": 2000, "quantity": 100, "leverage": 10, "stop_loss": 0, "take_profit": 0, \
      "timestamp": "\(moment)", "model": "chaos"}
      """
    return [
      Field("event_type", Names.EventType.decision), Field("payload", payload), Field("trace_id", trace(number)),
      Field("correlation_id", "publisher-\(publisher)"), Field("timestamp", moment.text), Field("source", "chaos"),
    ]
  }
}

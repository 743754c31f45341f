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

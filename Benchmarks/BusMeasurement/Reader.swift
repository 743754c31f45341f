internal import EventBus
internal import Redis
internal import Synchronization
internal import TestSupport

/// Reads a stream on a thread of its own, and knows when each trace came.
final class Reader: Sendable {
  private struct State {
    var seen: [(number: Int, moment: ContinuousClock.Instant)] = []
    var failure: String?
    var isDone = false
  }

  private let state = Mutex(State())
  private let isStopped = Atomic(false)

  /// Reads so many entries.
  static func start(_ endpoint: Endpoint, stream: String, count: Int, within limit: Duration) -> Reader {
    let reader = Reader()
    Background.run {
      do {
        try reader.read(endpoint, stream, count, ContinuousClock.now + limit)
      } catch {
        reader.state.withLock { $0.failure = "\(error)" }
      }
      reader.state.withLock { $0.isDone = true }
    }
    return reader
  }

  var isDone: Bool { state.withLock { $0.isDone } }

  func stop() { isStopped.store(true, ordering: .releasing) }

  /// The numbers of the traces, with the moments at which they came.
  func seen() throws -> [(number: Int, moment: ContinuousClock.Instant)] {
    try state.withLock { state in
      if let failure = state.failure { throw Arena.Failure(description: failure) }
      return state.seen
    }
  }

  private func read(
    _ endpoint: Endpoint, _ stream: String, _ count: Int, _ deadline: ContinuousClock.Instant
  ) throws {
    let connection = try Connection(to: endpoint)
    var subscription = Subscription(to: Stream(stream))
    var seen: [(number: Int, moment: ContinuousClock.Instant)] = []
    seen.reserveCapacity(count)
    while seen.count < count, !isStopped.load(ordering: .acquiring) {
      let entries = try subscription.next(limit: 1000, block: .milliseconds(500), on: connection)
      let now = ContinuousClock.now
      for entry in entries {
        guard let number = (entry["trace_id"]?.dropFirst(BusWork.trace.count)).flatMap({ Int($0) }) else {
          throw Arena.Failure(description: "entry \(entry.id) of '\(stream)' carries no trace of this benchmark")
        }
        seen.append((number, now))
      }
      guard now < deadline else {
        throw Arena.Failure(description: "\(seen.count) of \(count) entries came out in time")
      }
    }
    let all = seen
    state.withLock { $0.seen = all }
  }
}

internal import Basics
internal import Deployment
internal import EventBus
internal import Redis
internal import Synchronization

/// Watches a stream from a position on, and keeps the entries of the probes among all others.
final class OutWatch: Sendable {
  private struct State {
    var entries: [String: [EntryID]] = [:]
    var failure: ProbeError?
  }

  private let traces: Set<String>
  /// Whether a trace may stand anywhere in an entry; otherwise in its field `trace_id`.
  private let anywhere: Bool
  private let state = Mutex(State())
  private let stop = StopSignal()

  init(traces: [String], anywhere: Bool = false) {
    self.traces = Set(traces)
    self.anywhere = anywhere
  }

  /// Watches from where the subscription stands until ``end()``. Blocks the calling thread.
  func run(_ subscription: Subscription, at endpoint: Endpoint, patience: Duration, trust: RedisUsers) {
    var subscription = subscription
    do {
      let connection = try Connection(to: endpoint, options: .verifying(patience), trust: trust)
      defer { connection.close() }
      while !stop.isRaised {
        let entries = try subscription.next(limit: 1000, block: .milliseconds(500), stop: stop, on: connection)
        for entry in entries {
          guard let trace = trace(of: entry), let id = EntryID(entry.id) else { continue }
          state.withLock { $0.entries[trace, default: []].append(id) }
        }
      }
    } catch RedisError.stopped {
      return
    } catch {
      state.withLock { $0.failure = ProbeError(RedisTrouble.text(error)) }
    }
  }

  private func trace(of entry: Entry) -> String? {
    if let trace = entry["trace_id"], traces.contains(trace) { return trace }
    guard anywhere else { return nil }
    return traces.first { trace in entry.fields?.contains { $0.value.contains(trace) } ?? false }
  }

  func end() { stop.raise() }
  func entries(of trace: String) -> [EntryID] { state.withLock { $0.entries[trace] ?? [] } }
  var failure: ProbeError? { state.withLock { $0.failure } }
}

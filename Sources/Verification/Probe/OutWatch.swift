internal import Redis
internal import Synchronization

/// Watches a stream from a place on, and keeps the entries of the probes among whatever else comes.
final class OutWatch: Sendable {
  private struct State {
    var entries: [String: [EntryID]] = [:]
    var failure: Unseen?
  }

  private let traces: Set<String>
  private let state = Mutex(State())
  private let stop = StopSignal()

  init(traces: [String]) { self.traces = Set(traces) }

  /// Watches until ``end()``. Holds the calling thread.
  ///
  /// - Parameter cursor: the entry behind which the watch begins.
  func run(_ key: String, after cursor: EntryID, at endpoint: Endpoint, patience: Duration) {
    var cursor = cursor
    do {
      let connection = try Connection(to: endpoint, options: .verifying(patience))
      defer { connection.close() }
      while !stop.isRaised {
        let reply = try connection.call(
          ["XREAD", "COUNT", "1000", "BLOCK", "500", "STREAMS", key, "\(cursor)"],
          timeout: patience + .milliseconds(500), stop: stop)
        for entry in reply.array?.first?.array?.last?.array ?? [] {
          guard let parts = entry.array, parts.count == 2, let id = parts[0].string.flatMap({ EntryID($0) }) else {
            continue
          }
          cursor = max(cursor, id)
          guard let trace = parts[1]["trace_id"]?.string, traces.contains(trace) else { continue }
          state.withLock { $0.entries[trace, default: []].append(id) }
        }
      }
    } catch RedisError.stopped {
      return
    } catch {
      state.withLock { $0.failure = Unseen(RedisTrouble.text(error)) }
    }
  }

  func end() { stop.raise() }
  func entries(of trace: String) -> [EntryID] { state.withLock { $0.entries[trace] ?? [] } }
  var failure: Unseen? { state.withLock { $0.failure } }
}

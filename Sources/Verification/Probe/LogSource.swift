internal import Glibc
internal import Systemd

/// Where a unit's log lines are searched, and the position from which on they count.
enum LogSource: Sendable {
  /// Lines of this run of the unit in this boot, behind the cursor; where the journal was empty, since a moment.
  /// Lines carry their trace in the indexed field `TRACE_ID`, or, where they are `plain`, somewhere in their text.
  case journal(unit: String, invocation: String, after: String?, since: Int64, plain: Bool)
  case file(LogFileMark)
  case error(ProbeError)

  /// Marks the current end of a unit's log. Blocks the calling thread.
  static func mark(
    unit: String, file: String?, state: Result<UnitView, ProbeError>?, since: Int64, plain: Bool = false
  ) -> LogSource {
    if let file {
      switch LogFileMark.mark(file) {
      case .success(let mark): return .file(mark)
      case .failure(let error): return .error(error)
      }
    }
    do {
      guard let invocation = try state?.get().invocation else { return .error(ProbeError("\(unit) is not running")) }
      return .journal(unit: unit, invocation: invocation, after: try JournalReader().tail(), since: since, plain: plain)
    } catch {
      return .error(ProbeError("\(error)"))
    }
  }

  /// How many lines hold the text, for each trace. The unit, run and boot are matched by fields that only journald can
  /// write: no other unit can forge a line.
  func count(_ text: String, traces: [String]) -> Result<[String: Int], ProbeError> {
    do {
      switch self {
      case .error(let error): return .failure(error)
      case .file(let mark): return mark.lines().map { Self.count($0, text, traces) }
      case .journal:
        var counts: [String: Int] = [:]
        for entry in try JournalReader().entries(query(traces)) where entry.message.contains(text) {
          for trace in named(traces, by: entry) { counts[trace, default: 0] += 1 }
        }
        return .success(counts)
      }
    } catch {
      return .failure(ProbeError("\(error)"))
    }
  }

  /// Waits until each trace has as many lines as it should, or the deadline. Blocks the calling thread.
  func wait(_ text: String, atLeast due: [String: Int], until deadline: ContinuousClock.Instant) {
    let traces = Array(due.keys)
    switch self {
    case .error: return
    case .file(let mark):
      while ContinuousClock.now < deadline {
        guard case .success(let lines) = mark.lines() else { return }
        let counts = Self.count(lines, text, traces)
        if due.allSatisfy({ counts[$0, default: 0] >= $1 }) { return }
        // A log file has no event to wait for that holds on every filesystem.
        usleep(10_000)
      }
    case .journal:
      var counts: [String: Int] = [:]
      // If the journal cannot be read, the count that follows reports it.
      _ = try? JournalReader().follow(query(traces), until: deadline) { entry in
        if entry.message.contains(text) {
          for trace in named(traces, by: entry) { counts[trace, default: 0] += 1 }
        }
        return !due.allSatisfy { counts[$0, default: 0] >= $1 }
      }
    }
  }

  private func query(_ traces: [String]) -> JournalQuery {
    guard case .journal(let unit, let invocation, let after, let since, let plain) = self else {
      return JournalQuery()
    }
    return JournalQuery(
      units: [unit], invocationID: invocation, boot: .current, fields: plain ? [:] : ["TRACE_ID": traces],
      after: after, since: after == nil ? since : nil)
  }

  /// The traces that a journal entry is about.
  private func named(_ traces: [String], by entry: JournalEntry) -> [String] {
    guard case .journal(_, _, _, _, plain: true) = self else { return [entry["TRACE_ID"] ?? ""] }
    return traces.filter { entry.message.contains($0) }
  }

  private static func count(_ lines: [Substring], _ text: String, _ traces: [String]) -> [String: Int] {
    var counts: [String: Int] = [:]
    for line in lines where line.contains(text) {
      for trace in traces where line.contains(trace) { counts[trace, default: 0] += 1 }
    }
    return counts
  }
}

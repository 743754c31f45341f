internal import Deployment
internal import Glibc
internal import Systemd
internal import Verification

/// The lines of a unit since a moment, of every run of it: from the journal, or from the file that the manifest names.
struct LogTail {
  private enum Source {
    /// Behind a cursor; where the journal was empty, since then. Lines carry their trace in the field `TRACE_ID`, or where
    /// they are `plain` somewhere in their text.
    case journal(JournalQuery, plain: Bool)
    case file(LogFileMark)
  }

  private let source: Source

  init(of unit: String, _ bench: Bench) throws {
    if let file = bench.manifest.verify.files.first(where: { $0.unit == unit })?.log {
      source = .file(try LogFileMark.mark(file).get())
      return
    }
    let cursor = try JournalReader().tail()
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    let since = Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec / 1000)  // trap: of the clock
    let query = JournalQuery(units: [unit], after: cursor, since: cursor == nil ? since : nil)
    source = .journal(query, plain: try bench.pipeline().wanted.probe != .decision)
  }

  /// The lines that hold the text, each with the trace that it is about.
  func lines(_ text: String, _ traces: [String]) throws -> [(trace: String, line: String)] {
    switch source {
    case .file(let mark):
      return try mark.lines().get().filter { $0.contains(text) }.flatMap { line in
        traces.filter { line.contains($0) }.map { ($0, String(line.prefix(300))) }
      }
    case .journal(var query, let plain):
      if !plain { query.fields = ["TRACE_ID": traces] }
      return try JournalReader().entries(query).filter { $0.message.contains(text) }.flatMap { entry in
        let named = plain ? traces.filter { entry.message.contains($0) } : [entry["TRACE_ID"] ?? ""]
        return named.map { ($0, String(entry.message.prefix(300))) }
      }
    }
  }
}

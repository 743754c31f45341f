internal import Basics
internal import Deployment
internal import EventBus
internal import Redis
internal import Verification

/// What has become of one message.
struct MessageOutcome: Sendable {
  var trace: String
  /// The ids of its entries on `out`.
  var entries: [String] = []
  /// The lines that said that a copy was skipped.
  var skips: [String] = []
  /// The lines that told its end.
  var ends: [String] = []
}

/// Follows messages from one moment on: the entries of `out` and the log lines of the units, of every run of them.
struct Trail {
  /// More entries than this are not read at one look; it is far above what a row writes.
  private static let mostPages = 200

  let pipeline: Pipeline
  private let bench: Bench
  private let start: String
  private let skips: LogTail
  private let ends: LogTail?

  /// Marks this moment.
  init(_ bench: Bench) throws {
    pipeline = try bench.pipeline()
    self.bench = bench
    let connection = try bench.connect()
    defer { connection.close() }
    start = try connection.ask(Stream(pipeline.wanted.out).newest(limit: 1)).first?.id ?? "0-0"
    skips = try LogTail(of: pipeline.wanted.unit, bench)
    ends = try pipeline.wanted.terminal.map { try LogTail(of: $0.unit, bench) }
  }

  /// Looks until every message is as it should be or the time is up, and a little longer: one too many comes late.
  func wait(
    for traces: [String], within limit: Duration, until isDone: (MessageOutcome) -> Bool
  ) async throws -> [MessageOutcome] {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
      do {
        if try look(traces).allSatisfy(isDone) { break }
      } catch is RedisError {
        // It may be on its way back; the last look tells.
      }
      try await Task.sleep(for: .milliseconds(30))
    }
    try await Task.sleep(for: .milliseconds(150))
    return try look(traces)
  }

  /// How the messages are now.
  func look(_ traces: [String]) throws -> [MessageOutcome] {
    var outcomes = Dictionary(traces.map { ($0, MessageOutcome(trace: $0)) }) { first, _ in first }
    let anywhere = pipeline.wanted.probe != .decision
    for entry in try read(pipeline.wanted.out) {
      if let trace = entry["trace_id"], outcomes[trace] != nil {
        outcomes[trace]?.entries.append(entry.id)
      } else if anywhere {
        let fields = entry.fields ?? []
        for trace in traces where fields.contains(where: { $0.value.contains(trace) }) {
          outcomes[trace]?.entries.append(entry.id)
        }
      }
    }
    for (trace, line) in try skips.lines(pipeline.wanted.log, traces) { outcomes[trace]?.skips.append(line) }
    if let ends, let terminal = pipeline.wanted.terminal {
      for (trace, line) in try ends.lines(terminal.log, traces) { outcomes[trace]?.ends.append(line) }
    }
    return traces.compactMap { outcomes[$0] }
  }

  /// The entries of `out` since the moment that was marked, with their fields.
  func entries(of trace: String) throws -> [Entry] {
    try read(pipeline.wanted.out).filter { $0.fields?.contains { $0.value.contains(trace) } ?? false }
  }

  private func read(_ stream: String) throws -> [Entry] {
    let connection = try bench.connect()
    defer { connection.close() }
    var found: [Entry] = []
    var place = start
    for _ in 0..<Self.mostPages {
      let page = try connection.ask(Stream(stream).range(from: "(" + place, limit: 1000))
      found += page
      guard page.count == 1000, let last = page.last else { break }
      place = last.id
    }
    return found
  }
}

extension MessageOutcome {
  /// How a message should come out.
  struct Expectation: Sendable {
    /// How many copies must be skipped with a line.
    var skips = 0
    /// Whether a line must tell its end.
    var ends: Bool
    /// Whether a missing line of its end is no fault: a process that is killed between the end and the line of it.
    var toleratesMissingEnd = false
  }

  func meets(_ expectation: Expectation) -> Bool { fault(expectation) == nil }

  /// What is wrong, as the end of "trace_id=… "; `nil`: nothing.
  func fault(_ expectation: Expectation) -> String? {
    if entries.isEmpty { return "did not come out" }
    if entries.count > 1 { return "came out \(entries.count) times" }
    if skips.count < expectation.skips { return "came out once, but no line says that its copy was skipped" }
    guard expectation.ends else { return nil }
    if ends.isEmpty && !expectation.toleratesMissingEnd { return "came out once, but never ended" }
    if ends.count > 1 { return "came out once and ended \(ends.count) times" }
    return nil
  }
}

extension [MessageOutcome] {
  /// The trace ids, entries and log lines, those of `wrong` first; at most ten of each.
  func evidence(_ wrong: MessageOutcome? = nil) -> Verdict.Evidence {
    let ordered = [wrong].compactMap { $0 } + filter { $0.trace != wrong?.trace }
    func list(_ texts: [String]) -> JSONValue { .array(texts.prefix(10).map { .string($0) }) }
    return [
      "trace_ids": list(ordered.map(\.trace)), "entries": list(ordered.flatMap(\.entries)),
      "log": list(ordered.flatMap { $0.skips + $0.ends }), "messages": .int(count),
    ]
  }

  /// The verdict over messages that all had to come out in the same way.
  ///
  /// - Parameters:
  ///   - what: what was done, as the beginning of a sentence.
  ///   - within: how long was waited.
  func verdict(_ what: String, _ expectation: MessageOutcome.Expectation, within limit: Duration) -> Verdict {
    guard let wrong = first(where: { !$0.meets(expectation) }), let fault = wrong.fault(expectation) else {
      let ended = expectation.ends ? " and ended once" : ""
      let skipped = expectation.skips > 0 ? ", its copy skipped with a line" : ""
      let each = count == 1 ? "it" : "each of \(count)"
      return .proved("\(what): \(each) came out once\(ended)\(skipped)", evidence())
    }
    let number = self.count { !$0.meets(expectation) }
    let share = count == 1 ? "" : " (\(number) of \(count) are wrong)"
    return .failed("\(what): trace_id=\(wrong.trace) \(fault) within \(limit.text)\(share)", evidence(wrong))
  }
}

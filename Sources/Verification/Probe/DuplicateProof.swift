internal import Basics
internal import Deployment
internal import Dispatch
internal import EventBus
internal import Redis

/// Proves that a duplicate is skipped and that anything else passes, with probes that run through the real pipeline.
/// Those of the shipped services can never become an order.
///
/// One probe is written twice at once, over two connections, and a second one, the control, once. When a window is kept,
/// the first is written again at its end, with a fresh control: what worked once may have stopped since. `out` is watched
/// from before the first write until after the last expected line, so that a late second entry is seen.
struct DuplicateProof: Sendable {
  var wanted: Manifest.Duplicates
  var endpoint: Endpoint
  var patience: Duration
  /// Who may be told the password.
  var trust = RedisUsers()
  var logs: Logs
  /// How long to wait for a late second entry when everything has come: it is written at once or not at all, since a line
  /// for the skipped copy says that both were handled.
  var settle: Duration = .milliseconds(80)

  struct Logs: Sendable {
    /// Of the unit that skips.
    var skips: LogSource
    /// Of the unit that ends a probe; `nil` where the manifest names none.
    var terminals: LogSource?
  }

  func run(window: Window) async -> Result<ProofView, ProbeError> {
    let probes: [ProbeEntry]
    do { probes = try ProbeEntry.fresh(3, wanted.probe) } catch { return .failure(ProbeError("\(error)")) }
    guard probes.count == 3 else { return .failure(ProbeError("the manifest switches the probe off")) }
    let watch = OutWatch(traces: probes.map(\.trace), anywhere: wanted.probe != .decision)
    let end: Subscription
    switch await BlockingThread.run({ outEnd() }) {
    case .success(let subscription): end = subscription
    case .failure(let error): return .failure(error)
    }
    async let watching: Void = BlockingThread.run { watch.run(end, at: endpoint, patience: patience, trust: trust) }
    let view = await rounds(probes, watch, window)
    watch.end()
    await watching
    return view
  }

  private func rounds(_ probes: [ProbeEntry], _ watch: OutWatch, _ window: Window) async -> Result<
    ProofView, ProbeError
  > {
    let start = ContinuousClock.now
    // trap: three were made
    if let error = await write([probes[0], probes[0]], then: probes[1]) { return .failure(error) }
    // trap: three were made
    var written = Written(twin: probes[0], copies: 2, controls: [probes[1]])
    let complete = await wait(for: written, watch)
    var waited = start.duration(to: .now)
    // What failed once is not tried again.
    if complete, window.length > .zero {
      await window.sleepToEnd()
      if window.endedBecause == nil {
        // trap: three were made
        if let error = await write([probes[0]], then: probes[2]) { return .failure(error) }
        written.copies += 1
        written.controls.append(probes[2])
        let again = ContinuousClock.now
        _ = await wait(for: written, watch)
        waited = again.duration(to: .now)
      }
    }
    try? await Task.sleep(for: settle)
    return .success(await view(of: written, watch, waited))
  }

  /// What was written so far.
  private struct Written: Sendable {
    var twin: ProbeEntry
    var copies: Int
    var controls: [ProbeEntry]

    var all: [ProbeEntry] { [twin] + controls }
    var skipsDue: [String: Int] { [twin.trace: copies - 1] }
    var terminalsDue: [String: Int] { Dictionary(uniqueKeysWithValues: all.map { ($0.trace, 1) }) }
  }

  /// Waits until everything that should come has come, or `within` is over. Returns whether it all came out.
  private func wait(for written: Written, _ watch: OutWatch) async -> Bool {
    let deadline = ContinuousClock.now + wanted.within
    async let skips: Void = BlockingThread.run {
      logs.skips.wait(wanted.log, atLeast: written.skipsDue, until: deadline)
    }
    async let ends: Void = BlockingThread.run {
      guard let terminal = wanted.terminal else { return }
      logs.terminals?.wait(terminal.log, atLeast: written.terminalsDue, until: deadline)
    }
    func isOut() -> Bool { written.all.allSatisfy { !watch.entries(of: $0.trace).isEmpty } }
    while !isOut(), watch.failure == nil, ContinuousClock.now < deadline {
      do { try await Task.sleep(for: .milliseconds(2)) } catch { break }
    }
    _ = await (skips, ends)
    return isOut()
  }

  private func view(of written: Written, _ watch: OutWatch, _ waited: Duration) async -> ProofView {
    let traces = written.all.map(\.trace)
    // Each opens all journals.
    async let skipped = BlockingThread.run { logs.skips.count(wanted.log, traces: traces) }
    async let ended = BlockingThread.run {
      wanted.terminal.flatMap { logs.terminals?.count($0.log, traces: traces) } ?? .success([:])
    }
    let (skips, ends) = await (skipped, ended)
    func view(_ probe: ProbeEntry, copies: Int) -> ProbeView {
      ProbeView(
        trace: probe.trace, copies: copies, entries: watch.entries(of: probe.trace),
        skips: skips.map { $0[probe.trace] ?? 0 }, terminals: ends.map { $0[probe.trace] ?? 0 })
    }
    return ProofView(
      twin: view(written.twin, copies: written.copies), controls: written.controls.map { view($0, copies: 1) },
      waited: waited, unwatched: watch.failure)
  }
}

extension DuplicateProof {
  /// The current end of `out`; the probes come after it. Blocks the calling thread.
  func outEnd() -> Result<Subscription, ProbeError> {
    do {
      let connection = try Connection(to: endpoint, options: .verifying(patience), trust: trust)
      defer { connection.close() }
      return .success(try Subscription.fromNow(Stream(wanted.out), on: connection))
    } catch {
      return .failure(ProbeError("\(wanted.out): \(RedisTrouble.text(error))"))
    }
  }

  /// Writes the twins at the same time, each over a connection of its own, then the control. What failed, or `nil`.
  func write(_ twins: [ProbeEntry], then control: ProbeEntry) async -> ProbeError? {
    let gate = DispatchGroup()
    for _ in twins { gate.enter() }
    let failures = await withTaskGroup(of: ProbeError?.self) { group in
      for twin in twins {
        group.addTask {
          await BlockingThread.run {
            write(twin) {
              gate.leave()
              _ = gate.wait(timeout: .now() + patience.inSeconds)
            }
          }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    if let failure = failures.compactMap({ $0 }).first { return failure }
    return await BlockingThread.run { write(control) {} }
  }

  /// - Parameter ready: called once, when the connection is open or has failed.
  private func write(_ probe: ProbeEntry, ready: () -> Void) -> ProbeError? {
    let connection: Connection
    do {
      connection = try Connection(to: endpoint, options: .verifying(patience), trust: trust)
    } catch {
      ready()
      return ProbeError(RedisTrouble.text(error))
    }
    defer { connection.close() }
    ready()
    do {
      try Stream(wanted.into).publish(probe.fields, on: connection)
      return nil
    } catch {
      return ProbeError("\(wanted.into): \(RedisTrouble.text(error))")
    }
  }
}

extension Observation where Seen == Result<ProofView, ProbeError> {
  /// What became of the probes; that none could be made is for `dedup.skipped` to report.
  var made: Observation<ProofView> {
    flatMap { proof in
      switch proof {
      case .success(let view): .seen(view)
      case .failure: .skipped(because: "the probe could not be made")
      }
    }
  }
}

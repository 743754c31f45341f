internal import Basics
internal import Deployment
internal import EventBus
internal import Redis

/// Proves that a duplicate is skipped and that anything else passes, by probes that run through the real pipeline. Those
/// of the shipped services can never become an order.
///
/// One probe is written twice at once, over two connections, and a second one, the control, once. When a window is kept,
/// the first is written again at its end, with a fresh control: what worked once may have stopped since. `out` is watched
/// from before the first write until after the last sign of life, so that a late second entry is seen.
struct DuplicateProof: Sendable {
  var wanted: Manifest.Duplicates
  var endpoint: Endpoint
  var patience: Duration
  var logs: Logs
  /// How long a late second entry is waited for when all is there: it is written at once or not at all, since a line for
  /// the skipped copy says that both were dealt with.
  var settle: Duration = .milliseconds(100)

  struct Logs: Sendable {
    /// Of the unit that skips.
    var skips: LogSource
    /// Of the unit that ends a probe; `nil` where the manifest names none.
    var terminals: LogSource?
  }

  func run(window: Window) async -> Result<ProofView, Unseen> {
    let probes: [ProbeEntry]
    do { probes = try ProbeEntry.fresh(3, wanted.probe) } catch { return .failure(Unseen("\(error)")) }
    guard probes.count == 3 else { return .failure(Unseen("the manifest switches the probe off")) }
    let watch = OutWatch(traces: probes.map(\.trace), anywhere: wanted.probe != .decision)
    let end: Subscription
    switch await BlockingThread.run({ outEnd() }) {
    case .success(let subscription): end = subscription
    case .failure(let unseen): return .failure(unseen)
    }
    async let watching: Void = BlockingThread.run { watch.run(end, at: endpoint, patience: patience) }
    let view = await rounds(probes, watch, window)
    watch.end()
    await watching
    return view
  }

  private func rounds(_ probes: [ProbeEntry], _ watch: OutWatch, _ window: Window) async -> Result<ProofView, Unseen> {
    let start = ContinuousClock.now
    if let unseen = await write([probes[0], probes[0]], then: probes[1]) { return .failure(unseen) }
    var written = Written(twin: probes[0], copies: 2, controls: [probes[1]])
    let complete = await wait(for: written, watch)
    var waited = start.duration(to: .now)
    // Nothing is proved twice of what failed once.
    if complete, window.length > .zero {
      await window.sleepToEnd()
      if window.endedBecause == nil {
        if let unseen = await write([probes[0]], then: probes[2]) { return .failure(unseen) }
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
    let skips = await BlockingThread.run { logs.skips.count(wanted.log, traces: traces) }
    let ends = await BlockingThread.run {
      wanted.terminal.flatMap { logs.terminals?.count($0.log, traces: traces) } ?? .success([:])
    }
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

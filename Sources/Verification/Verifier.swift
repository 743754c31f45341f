internal import Basics
package import Deployment

/// Runs every check of a subject, side by side, and reports each result as soon as it is known.
///
/// It never throws: what cannot be looked at is a failed check that says why. It ends in bounded time whatever hangs. It
/// changes nothing, except that with `VerificationOptions.probe` it writes probes to the stream that the manifest names.
package struct Verifier: Sendable {
  let subject: VerificationSubject
  let options: VerificationOptions

  package init(subject: VerificationSubject, options: VerificationOptions = VerificationOptions()) {
    self.subject = subject
    self.options = options
  }

  /// Runs every check once. Cancelling the task ends the window; no probe is written from then on.
  ///
  /// - Parameter progress: called for each result as it comes, one at a time.
  /// - Returns: all results, in the order of the registry and of the manifest.
  package func run(progress: (CheckResult) -> Void = { _ in }) async -> [CheckResult] {
    let run = VerificationRun(subject, options)
    // Nobody waits for it: a Redis that hangs takes no more time than the checks themselves do.
    let sampling = Task { await run.sampleGroups() }
    defer { sampling.cancel() }
    return await withTaskCancellationHandler {
      let (stream, continuation) = AsyncStream<RankedResult>.makeStream()
      async let work: Void = {
        await runChecks(run, continuation)
        continuation.finish()
      }()
      var results: [RankedResult] = []
      for await ranked in stream {
        results.append(ranked)
        let result = ranked.result
        if result.status == .fail { run.window.end(because: "\(result.id) of \(result.subject) failed") }
        progress(result)
      }
      await work
      return results.sorted { ($0.check, $0.item) < ($1.check, $1.item) }.map(\.result)
    } onCancel: {
      run.window.end(because: "the verification was interrupted")
    }
  }

  /// Groups of groups: to take a task out of one walks along all that were added before it, so that a tree of many files
  /// would pay with the square of their number.
  private func runChecks(_ run: VerificationRun, _ results: AsyncStream<RankedResult>.Continuation) async {
    let all = CheckRegistry.checks.enumerated().flatMap { rank, check in jobs(check, rank) }
    await withTaskGroup(of: Void.self) { group in
      for start in stride(from: 0, to: all.count, by: Self.jobsOfAGroup) {
        group.addTask {
          await withTaskGroup(of: Void.self) { group in
            for job in all[start...].prefix(Self.jobsOfAGroup) { group.addTask { await job.run(run, results) } }
          }
        }
      }
    }
  }

  private static let jobsOfAGroup = 200

  private func jobs<C: Check>(_ check: C.Type, _ rank: Int) -> [any CheckJob] {
    C.items(of: subject).enumerated().map { ItemJob<C>(item: $1, check: rank, place: $0) }
  }
}

/// A result and its place in the report.
private struct RankedResult: Sendable {
  var check: Int
  var item: Int
  var result: CheckResult
}

private protocol CheckJob: Sendable {
  func run(_ run: VerificationRun, _ results: AsyncStream<RankedResult>.Continuation) async
}

/// One check of one item.
private struct ItemJob<C: Check>: CheckJob {
  var item: C.Item
  /// The check's place in the registry, and the item's among the items of the check.
  var check: Int
  var place: Int

  /// What fails at the start of the window is reported at once; what passes is looked at again at the end.
  func run(_ run: VerificationRun, _ results: AsyncStream<RankedResult>.Continuation) async {
    let start = ContinuousClock.now
    func report(_ result: CheckResult?) {
      guard var result else { return }
      if result.status == .fail, C.severity(of: item, run.subject) == .warn { result.status = .warn }
      result.seconds = start.duration(to: .now).inSeconds
      results.yield(RankedResult(check: check, item: place, result: result))
    }
    guard C.looksAgain, run.window.length > .zero else { return report(await result(.only, run)) }
    let first = await result(.start, run)
    if first?.status == .fail || first?.status == .skip { return report(first) }
    await run.window.sleepToEnd()
    report(await result(.end, run))
  }

  private func result(_ moment: Moment, _ run: VerificationRun) async -> CheckResult? {
    switch await C.look(at: item, moment, run) {
    case .seen(let seen): C.judge(item, seen)
    case .skipped(let reason): C.skip(C.name(of: item), because: reason)
    case .later: nil
    }
  }
}

public import Deployment
internal import Verification

extension Proof {
  /// Runs the checks; each result is told as it comes. An interruption ends them; none counts as healthy then.
  public func run(interruption: Interruption, tell: (CheckResult) -> Void) async -> [CheckResult] {
    let (results, arrival) = AsyncStream<CheckResult>.makeStream()
    let verifier = Verifier(subject: subject, options: Options(stable: stable, probe: probe))
    let work = Task {
      let all = await verifier.run { arrival.yield($0) }
      arrival.finish()
      return all
    }
    let watch = Task {
      await interruption.wait()
      guard interruption.signal != nil else { return }
      work.cancel()
      arrival.finish()
    }
    for await result in results { tell(result) }
    watch.cancel()
    // What still waits for an answer only looks: it is left to end by itself.
    return interruption.signal == nil ? await work.value : []
  }

  /// How the Redis of this proof stands now.
  public func lookBefore() -> Baseline? { Baseline.look(verify, at: redis) }

  private var subject: Subject {
    var subject = Subject(
      units: units,
      files: files.map { file in
        ExpectedFile(
          target: file.path, unit: file.unit, secret: file.secret,
          state: Self.expected(file.state))
      }, verify: verify, redis: redis, since: since)
    subject.baseline = baseline
    return subject
  }

  private static func expected(_ state: FileState) -> ExpectedFile.State {
    switch state.type {
    case .absent: .absent
    case .symlink: .link(to: state.link ?? "")
    case .file, .directory, .other:
      .present(sha256: state.sha256, mode: state.mode, owner: state.owner, group: state.group)
    }
  }
}

public import Deployment
internal import Verification

extension Proof {
  /// Runs the checks; each result is told as it comes.
  public func run(tell: (CheckResult) -> Void) async -> [CheckResult] {
    let subject = Subject(
      units: units,
      files: files.map { file in
        ExpectedFile(
          target: file.path, unit: file.unit, secret: file.secret,
          state: file.state.exists
            ? .present(
              sha256: file.state.sha256, mode: file.state.mode, owner: file.state.owner, group: file.state.group)
            : .absent)
      }, verify: verify, redis: redis, since: since)
    return await Verifier(subject: subject, options: Options(stable: stable, probe: probe)).run(progress: tell)
  }
}

package import Deployment
package import KnownDigests
package import Units
package import Verification

/// Health by the checks of `Verification`, against the real host.
package struct HealthVerifier: HealthVerification {
  private let interruption: Interruption

  private let digests: KnownDigests

  /// - Parameter digests: of files that are not read again.
  package init(interruption: Interruption, digests: KnownDigests = .none) {
    self.interruption = interruption
    self.digests = digests
  }

  package func verify(_ spec: VerificationSpec, tell: (CheckResult) -> Void) async -> [CheckResult] {
    let (results, arrival) = AsyncStream<CheckResult>.makeStream()
    var subject = Self.subject(spec)
    subject.digests = digests
    let verifier = Verifier(
      subject: subject, options: VerificationOptions(stable: spec.stable, probe: spec.probe))
    let work = Task {
      let all = await verifier.run { arrival.yield($0) }
      arrival.finish()
      return all
    }
    let watch = Task { [interruption] in
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

  package func baseline(_ spec: VerificationSpec) -> Baseline? {
    Baseline.look(spec.verify, units: spec.units, at: spec.redis, samples: spec.samples)
  }

  /// What is verified, of what has to be proved.
  package static func subject(_ spec: VerificationSpec) -> VerificationSubject {
    var subject = VerificationSubject(
      units: spec.units,
      files: spec.files.map { file in
        var expected = ExpectedFile(
          target: file.path, unit: file.unit, secret: file.secret, state: expected(file.state))
        (expected.restarts, expected.reload) = (file.restarts, spec.reloaded.contains(file.path))
        if file.state.sha256 != nil { expected.size = file.state.size }
        return expected
      }, verify: spec.verify, redis: spec.redis, since: spec.since)
    subject.units += spec.idle.sorted { $0.key < $1.key }.filter { !spec.units.contains($0.key) }
      .map { ExpectedUnit($0.key, target: $0.value == .stopped ? .stopped : .asFound) }
    // A unit whose file the release brings is one of the manifest, listed or not.
    let present = spec.files.filter { $0.state.type != .absent }.map(\.path)
    let listed = Set(subject.units.map(\.name))
    subject.units += ExpectedUnit.brought(by: present).filter { !listed.contains($0.name) }
    let changed = Set(spec.files.filter { spec.changed.contains($0.path) }.map(\.unit))
    for index in subject.units.indices {
      let name = subject.units[index].name
      if spec.lenient.contains(name) { subject.units[index].severity = .warn }
      subject.units[index].isChanged = changed.contains(name)
    }
    subject.others = spec.others
    subject.redisUser = spec.redisUser
    subject.baseline = spec.baseline
    subject.samples = spec.samples
    return subject
  }

  private static func expected(_ state: FileState) -> ExpectedFile.State {
    switch state.type {
    case .absent: .absent
    case .symlink: .link(to: state.link ?? "")
    case .directory: .folder(mode: state.mode, owner: state.owner, group: state.group)
    case .file, .other:
      .present(sha256: state.sha256, mode: state.mode, owner: state.owner, group: state.group)
    }
  }
}

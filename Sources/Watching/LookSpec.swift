internal import Basics
internal import Deployment
internal import HostState
internal import Manifests
internal import Transactions

/// What one look verifies, and in how much time.
enum LookSpec {
  /// How long a look may take: a minute where looks are close, five where they are far apart.
  static func longest(_ record: WatchRecord, _ manifest: Manifest) -> Duration {
    min(max(.saturated(seconds: record.rules.every), .seconds(60)), .seconds(300))
  }

  /// - Parameter isThorough: whether a probe is sent and the contents of files are read.
  static func spec(
    _ record: WatchRecord, _ installed: InstalledRecord, _ manifest: Manifest, isThorough: Bool, _ context: HostContext
  ) -> VerificationSpec {
    var spec = VerificationSpec(installed, manifest: manifest, redis: context.redisAddress ?? record.redis)
    spec.redisUser = context.redisUser ?? record.redisUser
    spec = spec.limited(by: .now + longest(record, manifest))
    // Looks are compared with each other, so that none has a window of its own.
    spec.stable = .zero
    spec.probe = isThorough
    spec.baseline = record.baseline
    guard !isThorough else { return spec }
    spec.files = spec.files.map { file in
      var file = file
      // Whether it is there, whose it is and with which rights.
      file.state.sha256 = nil
      return file
    }
    return spec
  }

  /// What only warns, by name.
  static func lenient(_ manifest: Manifest, _ installed: InstalledRecord) -> Set<String> {
    var names = manifest.lenientUnits.union(installed.ailing ?? [])
    names.formUnion(manifest.verify.groups.filter { $0.severity == .warn }.map(\.group))
    names.formUnion(manifest.verify.deadLetterSeverity.filter { $0.value == .warn }.map(\.key))
    names.formUnion(manifest.verify.http.filter { $0.severity == .warn }.map(\.url))
    if let proof = manifest.verify.duplicates, proof.severity == .warn {
      names.formUnion([proof.unit, proof.terminal?.unit].compactMap { $0 })
    }
    return names
  }
}

extension Baseline {
  /// With the ends of the streams of dead letters as a verification has just seen them.
  func after(_ checks: [CheckResult]) -> Baseline {
    var baseline = self
    for check in checks where check.id == Comparison.deadLetters {
      guard let mark = deadLetters[check.subject], let seconds = check.evidence["seconds"]?.number,
        case .string(let last)? = check.evidence["last"], let entry = EntryID(last)
      else { continue }
      let moment = Int(exactly: (min(max(0, seconds), 1e9) * 1000).rounded()) ?? 0
      baseline.deadLetters[check.subject] = DeadLetterMark(last: entry, moment: mark.moment.addingSaturated(moment))
    }
    return baseline
  }
}

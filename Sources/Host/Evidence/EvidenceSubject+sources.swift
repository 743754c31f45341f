internal import Deployment

extension Preparation {
  /// What evidence of this release is kept of, once it has failed.
  func evidence(because error: any Error, fault: HistoryEntry.Fault?, _ transaction: Transaction) -> EvidenceSubject {
    let contents = transaction.stamp.map(store.contents)
    let secrets = installed?.secrets ?? []
    let changed = plan.changedPaths
    return EvidenceSubject(
      release: release.identity, units: release.manifest.services.map(\.unit),
      changes: desired.files.filter { changed.contains($0.path) }.map { file in
        FileComparison(
          path: file.path, secret: file.secret || secrets.contains(file.path),
          old: FileComparison.Side(state: inventory.file(file.path), content: contents.map { $0 + file.path }),
          new: FileComparison.Side(state: file.state, content: file.origin))
      }, past: ContinuousClock.now - transaction.start, reason: "\(error)", fault: fault)
  }
}

extension RollbackAim {
  /// What evidence is kept of the release that is left.
  func evidence(of left: InstalledRecord, past: Duration, reason: String?, limit: Duration) -> EvidenceSubject {
    let changed = plan.changedPaths
    let secrets = record.secrets.union(left.secrets)
    return EvidenceSubject(
      release: left.release, units: left.units,
      changes: desired.files.filter { changed.contains($0.path) }
        .map { $0.compared(with: inventory, secrets: secrets) },
      past: past, reason: reason ?? "it was rolled back", limit: limit)
  }
}

extension Plan {
  /// The files that are others afterwards.
  fileprivate var changedPaths: Set<String> { Set(steps.compactMap(\.action.changedFile)) }
}

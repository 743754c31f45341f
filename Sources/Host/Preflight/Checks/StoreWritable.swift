internal import Deployment

/// What stands now can be saved before a rollback replaces it: without that, an interrupted one could not be undone.
struct StoreWritable: PreflightCheck {
  /// The backup that is to be put back.
  let stamp: Stamp

  func findings(_ situation: PreflightSituation) -> [String] {
    guard !situation.plan.isEmpty, let fault = situation.store.unwritable() else { return [] }
    let folder = situation.store.folder(stamp)
    return [
      """
      \(fault), so what stands now could not be saved before it is replaced. Either mount it writable,
        or use a copy of the backup, beside which what stands now is saved:
          install -d -m 700 /var/backups/other && cp -a \(folder) /var/backups/other/
          QTCTL_BACKUPS=/var/backups/other qtctl rollback \(stamp)
        or restore it by hand, without a way back: sh \(folder)/restore.sh
      """
    ]
  }
}

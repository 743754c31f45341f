internal import Deployment

/// What stands now can be saved before a rollback replaces it: without that, an interrupted one could not be undone.
struct StoreWritable: PreflightCheck {
  func findings(_ situation: PreflightSituation) -> [String] {
    guard !situation.plan.isEmpty, let fault = situation.store.unwritable() else { return [] }
    return ["\(fault), so what stands now could not be saved before it is replaced; \(Self.advice(situation.store))"]
  }

  private static func advice(_ store: BackupStore) -> String {
    "mount it writable; or copy the backup out, and what stands now is saved beside it: cp -a \(store.path)/STAMP "
      + "/var/backups/other/ && QTCTL_BACKUPS=/var/backups/other qtctl rollback STAMP; or, without a way back: sh "
      + "\(store.path)/STAMP/restore.sh"
  }
}

internal import Deployment

/// Chooses where a rollback goes that names no stamp: to the newest verified backup whose files differ from those on the
/// host and whose every byte is proved. A damaged one is passed over, and said.
struct RollbackChoice {
  /// A backup that was not chosen for what is wrong with it.
  struct PassedOver: CustomStringConvertible {
    let stamp: Stamp
    let findings: [String]
    var description: String {
      "backup \(stamp) is damaged (\(findings.joined(separator: "; "))) and was passed over"
    }
  }

  let store: BackupStore
  /// The manifest's name; `nil`: any.
  let name: String?
  let context: HostContext

  func make() throws -> RollbackAim {
    let known = try store.stamps()
    try refuseDoubt(known)
    var passedOver: [PassedOver] = []
    // Backups of one and the same state are compared with the host once.
    var same: Set<[BackupRecord.Entry]> = []
    for stamp in known {
      let seen = try store.look(at: stamp, .quick)
      // One that cannot be read may have been the right one.
      guard let record = seen.record ?? (try? store.record(stamp)) else {
        passedOver.append(PassedOver(stamp: stamp, findings: seen.damage))
        continue
      }
      guard record.verified, name == nil || record.name == name, !same.contains(record.entries) else { continue }
      let aim = try RollbackAim(record, in: store, context)
      guard aim.changesRelease else {
        same.insert(record.entries)
        continue
      }
      let damage = seen.damage.isEmpty ? try store.look(at: stamp, .everyByte).damage : seen.damage
      guard !damage.isEmpty else { return aim.passing(over: passedOver) }
      passedOver.append(PassedOver(stamp: stamp, findings: damage))
    }
    guard let newest = passedOver.first else { throw HostError.noVerifiedBackup(store: store.path, known: known) }
    throw HostError.backupDamaged(newest.stamp, store: store.path, findings: newest.findings)
  }

  /// Where the store serves several manifests, somebody has to say which is meant.
  private func refuseDoubt(_ known: [Stamp]) throws {
    guard name == nil else { return }
    let names = Set(known.compactMap { try? store.record($0).name }).sorted()
    guard names.count < 2 else {
      throw HostError.refused([
        "\(store.path) holds backups of \(names.joined(separator: ", ")); say which with --name NAME, or name a stamp"
      ])
    }
  }
}

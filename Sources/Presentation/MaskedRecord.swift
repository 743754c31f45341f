internal import Basics
package import Deployment
package import Rehearsing

/// What is secret is shown nowhere, in JSON as little as in text: of a secret file not even the digest, from which a short
/// content can be guessed, and no password of an address.
extension BackupRecord {
  package var masked: BackupRecord {
    var record = self
    let hidden = secretPaths
    record.entries = entries.map { entry in
      var entry = entry
      if entry.secret || hidden.contains(entry.path) { entry.state.sha256 = nil }
      return entry
    }
    record.installed?.manifest = Masking.passwords(in: installed?.manifest ?? "")
    record.installed?.files = (installed?.files ?? []).map { file in
      var file = file
      if file.secret || hidden.contains(file.path) { file.state.sha256 = nil }
      return file
    }
    return record
  }

  private var secretPaths: Set<String> {
    Set(entries.filter(\.secret).map(\.path) + (installed?.files ?? []).filter(\.secret).map(\.path))
  }
}

extension RehearsalRecord {
  /// Services may write an address with its password to the journal.
  package var masked: RehearsalRecord {
    var record = self
    record.journal = journal.map(Masking.passwords)
    for index in record.phases.indices {
      record.phases[index].message = Masking.passwords(in: record.phases[index].message)
    }
    return record
  }
}

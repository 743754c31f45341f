internal import Basics
package import Deployment
internal import FoundationEssentials
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
    record.installed?.manifest = Masking.secrets(in: installed?.manifest ?? "")
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

/// A record as other programs read it: on disk permission bits are a number, here they are octal digits, as people and
/// manifests write them.
struct ShownRecord: Encodable {
  let record: BackupRecord

  func encode(to encoder: any Encoder) throws {
    let value = try JSONDecoder().decode(JSONValue.self, from: try JSONEncoder().encode(record))
    try value.withOctalModes.encode(to: encoder)
  }
}

extension JSONValue {
  /// Recursive as deep as a record is.
  var withOctalModes: JSONValue {
    switch self {
    case .array(let values): .array(values.map(\.withOctalModes))
    case .object(let fields):
      .object(
        Dictionary(
          uniqueKeysWithValues: fields.map { name, value in
            if name == "mode", case .int(let mode) = value, let bits = UInt32(exactly: mode) {
              return (name, .string(FileState.octal(bits)))
            }
            return (name, value.withOctalModes)
          }))
    case .null, .bool, .int, .double, .string: self
    }
  }
}

extension RehearsalRecord {
  /// Services may write an address with its password to the journal.
  package var masked: RehearsalRecord {
    var record = self
    record.journal = journal.map(Masking.secrets)
    for index in record.phases.indices {
      record.phases[index].message = Masking.secrets(in: record.phases[index].message)
    }
    return record
  }
}

/// What the last transaction left on the host under one manifest's name. Drift and `files.match` compare with it, and a
/// rollback is verified by it when release and manifest are gone.
package struct InstalledRecord: Sendable, Hashable, Codable {
  package struct File: Sendable, Hashable, Codable {
    package var path: String
    package var unit: String
    package var state: FileState
    package var secret: Bool
    /// The host's own; a change of it is not drift.
    package var keep: Bool
    /// The target of the tree that it is part of.
    package var tree: String?
    /// The only units that a change of it restarts; absent: every unit that uses it.
    package var restarts: [String]?

    package init(path: String, unit: String, state: FileState, secret: Bool, keep: Bool) {
      self.path = path
      self.unit = unit
      self.state = state
      self.secret = secret
      self.keep = keep
    }
  }

  package var name: String
  package var release: ReleaseIdentity
  /// The manifest's folder, absolute; relative paths in the manifest are relative to it.
  package var folder: String
  /// The manifest's text, word for word.
  package var manifest: String
  /// The backup store, absolute.
  package var store: String
  /// In start order.
  package var units: [String]
  package var files: [File]
  /// Whether `verify` has passed on exactly this.
  package var verified: Bool
  /// Whole seconds since 1970.
  package var at: Int

  /// Units that had failed or crashed all the time before it, and did after it: a verification warns of them. Absent in
  /// records of earlier versions.
  package private(set) var ailing: [String]?

  package init(
    name: String, release: ReleaseIdentity, folder: String, manifest: String, store: String, units: [String],
    files: [File], verified: Bool, at: Int
  ) {
    self.name = name
    self.release = release
    self.folder = folder
    self.manifest = manifest
    self.store = store
    self.units = units
    self.files = files
    self.verified = verified
    self.at = at
  }

  /// The files that are no longer as the last transaction left them, other than those that are the host's own.
  package func drift(in inventory: Inventory) -> [Drift] {
    files.compactMap { file in
      guard !file.keep else { return nil }
      let found = inventory.file(file.path)
      guard !file.state.differences(to: found).isEmpty else { return nil }
      return Drift(path: file.path, secret: file.secret, recorded: file.state, found: found)
    }
  }
}

/// What identifies a release: its own version, and the digest of its content.
package struct ReleaseIdentity: Sendable, Hashable, Codable {
  package var version: String?
  /// SHA-256 over every target with its state, in lower-case hex.
  package var digest: String

  package init(version: String?, digest: String) {
    self.version = version
    self.digest = digest
  }
}

extension ReleaseIdentity: CustomStringConvertible {
  package var description: String {
    let short = String(digest.prefix(12))
    return version.map { "\($0) (\(short))" } ?? short
  }
}

/// A file on the host that is not what the last transaction left.
package struct Drift: Sendable, Hashable {
  package var path: String
  package var secret: Bool
  /// As it was left.
  package var recorded: FileState
  /// As it is.
  package var found: FileState
}

extension InstalledRecord {
  /// With the units of which these checks warned.
  package func noting(_ checks: [CheckResult]) -> InstalledRecord {
    var record = self
    let ailing = checks.filter { $0.id == "unit.active" && $0.status == .warn }.map(\.subject)
    record.ailing = ailing.isEmpty ? nil : ailing
    return record
  }

  /// With the units that ailed when another record was made.
  package func ailing(as other: InstalledRecord?) -> InstalledRecord {
    var record = self
    record.ailing = other?.ailing
    return record
  }
}

internal import Deployment
internal import FileOperations
internal import Releases

/// What a command on another host needs of this machine.
package struct Errand {
  /// What travels to the host.
  package enum Cargo {
    /// A release: its folder, manifest or archive.
    case release(String)
    /// One file.
    case file(String)
  }

  /// A file that the command writes, which comes back.
  package struct Output {
    /// On this machine.
    package var path: String
    /// It holds secrets and replaces nothing.
    package var isSecret: Bool

    package init(_ path: String, isSecret: Bool = false) {
      self.path = path
      self.isSecret = isSecret
    }
  }

  package var cargo: Cargo?
  package var output: Output?
  /// Whether it goes on without the connection.
  package var isDetached: Bool
  /// Whether it prints as it goes, without an end.
  package var isEndless = false

  package init(_ cargo: Cargo? = nil, output: Output? = nil, isDetached: Bool, isEndless: Bool = false) {
    self.cargo = cargo
    self.output = output
    self.isDetached = isDetached
    self.isEndless = isEndless
  }

  /// Reads what travels.
  ///
  /// - Returns: the parcel; for a release whose manifest has its backups beside itself, its name.
  func parcel() throws -> (parcel: OutgoingParcel, storeOf: String?)? {
    switch cargo {
    case nil: return nil
    case .file(let path)?: return (try OutgoingParcel(file: path), nil)
    case .release(let path)? where ReleaseArchive.isArchive(path): return (try OutgoingParcel(file: path), nil)
    case .release(let path)?:
      let file = try ManifestFile(at: path)
      try Self.check(file)
      let parcel = try OutgoingParcel(folder: file.folder, main: Paths.name(file.path))
      return (parcel, file.manifest.backups.directory.hasPrefix("/") ? nil : file.manifest.name)
    }
  }

  /// Refuses a release that is more than its folder.
  private static func check(_ file: ManifestFile) throws {
    let sources = (file.manifest.files + file.manifest.services.flatMap(\.files)).filter { $0.link == nil }.map(
      \.source)
    let outside = sources.filter { source in
      let place = Paths.resolve(source, in: file.folder)
      return place != file.folder && !place.hasPrefix(file.folder + "/")
    }
    guard outside.isEmpty else {
      throw Refusal(
        outside.prefix(10).map {
          "source '\($0)' is outside of the release's folder '\(file.folder)', which alone travels to another host; put it "
            + "into the folder"
        })
    }
  }
}

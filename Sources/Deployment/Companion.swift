/// A file of the host's own that belongs to a unit whatever a manifest says: it is backed up, and a rollback brings it
/// back. It may be absent, where its absence says something.
public struct Companion: Sendable, Hashable {
  /// What it is to its unit.
  public enum Role: String, Sendable, Hashable, Codable {
    case unitFile = "unit-file"
    case dropIn = "drop-in"
    /// What an `EnvironmentFile=` names; always secret.
    case environment
    /// A symlink by which the unit starts at boot or has another name.
    case link
    /// The symlink to `/dev/null` that keeps the unit from being started.
    case mask

    /// Whether a process that runs has been started by what it says.
    var concernsProcess: Bool {
      switch self {
      case .unitFile, .dropIn, .environment: true
      case .link, .mask: false
      }
    }
  }

  public var path: String
  /// The manifest's unit that it belongs to.
  public var unit: String
  public var role: Role

  public init(path: String, unit: String, role: Role) {
    self.path = path
    self.unit = unit
    self.role = role
  }

  /// Whether it is the unit's by lying where it lies. What a unit only names may have been there before.
  var isOfItsPlace: Bool { role != .environment && Planner.isUnitFile(path) }

  /// The folder that the service manager has for such files alone, and that goes with the last of them.
  public var folder: String? { Self.folder(of: path) }

  static func folder(of path: String) -> String? {
    guard let slash = path.lastIndex(of: "/") else { return nil }
    let folder = String(path[..<slash])
    return [".d", ".wants", ".requires", ".upholds"].contains(where: folder.hasSuffix) ? folder : nil
  }
}

/// What is on the host, of everything that a plan may touch.
public struct Inventory: Sendable, Hashable {
  /// By path.
  public var files: [String: FileState]
  /// By unit name.
  public var units: [String: UnitState]
  /// The names in each folder that may have to go, by its path; none for one that is not there.
  public var folders: [String: [String]] = [:]
  /// What belongs to the units whatever a manifest says; the states are among the files.
  public var companions: [Companion] = []

  public init(files: [String: FileState], units: [String: UnitState]) {
    self.files = files
    self.units = units
  }

  public func file(_ path: String) -> FileState { files[path] ?? .absent }
  /// What stands at the paths of a desired state.
  public func files(of desired: DesiredState) -> [String: FileState] {
    Dictionary(desired.files.map { ($0.path, file($0.path)) }) { first, _ in first }
  }
  public func unit(_ name: String) -> UnitState {
    units[name] ?? UnitState(unit: name, load: "not-found", active: "inactive")
  }
}

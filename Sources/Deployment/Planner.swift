/// Decides what takes a host from what is to what should be. Pure: no file, no bus, no clock.
public struct Planner: Sendable {
  /// Only these units, where not empty.
  public var only: Set<String>
  /// Units that are restarted even when nothing of them differs: asked for, or left in doubt by an interruption.
  public var restart: Set<String>
  /// Whether the service manager may hold other unit files than those on disk.
  public var reload: Bool

  public init(only: Set<String> = [], restart: Set<String> = [], reload: Bool = false) {
    self.only = only
    self.restart = restart
    self.reload = reload
  }

  /// The steps from `inventory` to `desired`: stop in reverse order, put files in place, reload, start in order.
  public func plan(from inventory: Inventory, to desired: DesiredState) -> Plan {
    let files = desired.files.filter { only.isEmpty || only.contains($0.unit) }
    let units = desired.units.filter { only.isEmpty || only.contains($0.unit) }
    let changes = files.compactMap { change(of: $0, in: inventory) }
    let touched = units.compactMap { unit in
      reason(toTouch: unit, in: inventory, changes: changes).map { (unit: unit, reason: $0) }
    }

    var steps: [Plan.Step] = []
    for (unit, reason) in touched.reversed() where !inventory.unit(unit.unit).stopped {
      steps.append(Plan.Step(.stop(unit: unit.unit), because: reason))
    }
    steps += changes.map(\.step)
    steps += emptied(desired.emptyFolders, by: changes, in: inventory).map {
      Plan.Step(.removeEmptyFolder(path: $0), because: "what it was made for is gone")
    }
    steps += units.compactMap { enabling($0, in: inventory) }
    if let reason = reasonToReload(changes, steps) { steps.append(Plan.Step(.reloadManager, because: reason)) }
    for (unit, reason) in touched where unit.starts {
      steps.append(Plan.Step(.resetFailed(unit: unit.unit), because: "an old start limit must not stop the new start"))
      steps.append(Plan.Step(.start(unit: unit.unit, within: unit.ready), because: reason))
    }
    let kept = files.filter { file in
      let current = inventory.file(file.path)
      return file.keep && current.exists && current.sha256 != file.state.sha256
    }
    return Plan(steps: steps, touched: touched.map(\.unit), kept: kept.map(\.path))
  }

  /// Whether systemd reads the file at that path as (part of) a unit.
  public static func isUnitFile(_ path: String) -> Bool {
    [
      "/etc/systemd/system/", "/run/systemd/system/", "/usr/local/lib/systemd/system/", "/usr/lib/systemd/system/",
      "/lib/systemd/system/",
    ].contains { path.hasPrefix($0) }
  }
}

internal import Deployment
internal import FileOperations
internal import HostState
internal import Releases
internal import Units

/// No unit that the plan stops is the one in which this qtctl runs, none waits for it, and each is listed once.
package struct UnitsStoppable: PreflightCheck {
  package func findings(_ situation: PreflightSituation) -> [String] {
    ownEnd(situation) + ownWait(situation) + twice(situation)
  }

  private static let advice = "run it outside: systemd-run --collect --wait --pipe qtctl …"

  private func ownEnd(_ situation: PreflightSituation) -> [String] {
    guard let own = situation.ownUnit?.unit, situation.plan.stops.contains(own),
      situation.inventory.facts[own]?.leavesProcesses != true
    else { return [] }
    return ["this qtctl runs in \(own), which is to be stopped, and would be stopped with it; \(Self.advice)"]
  }

  /// A oneshot at boot that deploys a unit which is to start after it.
  private func ownWait(_ situation: PreflightSituation) -> [String] {
    guard let own = situation.ownUnit, own.active == "activating" else { return [] }
    return situation.units.filter { $0.after.contains(own.unit) }.map {
      "\($0.name.full) is to start after \(own.unit) (After=), in which this qtctl runs, and would wait behind its end; "
        + Self.advice
    }
  }

  /// One unit under two names.
  private func twice(_ situation: PreflightSituation) -> [String] {
    var names: [String: String] = [:]
    return situation.change.desired.units.compactMap { unit in
      guard let id = situation.inventory.facts[unit.unit]?.id, !id.isEmpty else { return nil }
      guard let first = names[id] else {
        names[id] = unit.unit
        return nil
      }
      return "\(first) and \(unit.unit) are two names of one unit, \(id); list it once"
    }
  }
}

/// What is put in place is no other manifest's, unless both bring the same.
package struct TargetOwners: PreflightCheck {
  package func findings(_ situation: PreflightSituation) throws -> [String] {
    guard let release = situation.release else { return [] }
    let others = try InstalledReleases(situation.state).others(than: release.manifest.name)
    guard !others.isEmpty else { return [] }
    var places = Places()
    let own = Dictionary(situation.change.desired.files.map { (places.place(of: $0.path), $0) }) { first, _ in first }
    return others.flatMap { other in
      other.files.compactMap { file -> String? in
        guard let wanted = own[places.place(of: file.path)], wanted.state.exists,
          // Several may bring the same folder.
          wanted.state.type != .directory || file.state.type != .directory,
          !wanted.state.differences(to: file.state).isEmpty
        else { return nil }
        return
          "\(wanted.path) belongs to '\(other.name)', which brings another content; give it another target, or list it "
          + "in one manifest only"
      }
    }
  }
}

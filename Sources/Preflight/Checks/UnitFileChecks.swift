internal import Deployment
internal import FileOperations
internal import Systemd
internal import Units

/// Every unit that will be started has a file, and no mask.
package struct UnitsThere: PreflightCheck {
  package func findings(_ situation: PreflightSituation) throws -> [String] {
    let files = situation.change.desired.files.lazy.filter(\.state.exists)
    let installed = Set(files.map { Paths.name($0.path) })
    // What a generator makes of them is known when the manager is reloaded.
    let generates = Set(files.filter { Planner.isGeneratorSource($0.path) }.map(\.unit))
    return situation.plan.touched.filter(\.starts).compactMap { unit in
      let current = situation.inventory.unit(unit.unit)
      if current.masked { return "\(unit.unit) is masked and would stay masked; run: systemctl unmask \(unit.unit)" }
      let isBrought = UnitName(unit.unit).files.contains(where: installed.contains) || generates.contains(unit.unit)
      if !current.exists && !isBrought {
        return "\(unit.unit) is neither on this host nor in the release; add its unit file to the release"
      }
      return nil
    }
  }
}

/// The unit files parse.
package struct UnitSyntax: PreflightCheck {
  package func findings(_ situation: PreflightSituation) async throws -> [String] {
    let unread = situation.units.compactMap { unit in
      unit.status.loadError.map { error in
        let words = error.replacing(unit.status.unit, with: unit.name.full)
        return "\(unit.name.full) cannot be loaded: \(words); fix its unit file"
      }
    }
    return try await unread + (situation.analysis?.findings() ?? [])
  }
}

/// The unit file that the release brings is the one that systemd will read.
package struct UnitsInForce: PreflightCheck {
  package func findings(_ situation: PreflightSituation) -> [String] {
    let brought = situation.change.desired.files.lazy.filter { $0.state.exists && UnitFolders.contain($0.path) }
      .map { (path: $0.path, name: Paths.name($0.path)) }
    let files = Array(brought)
    return situation.units.compactMap { unit in
      let names = unit.name.files
      let own = files.filter { names.contains($0.name) }
      guard let first = own.first, let winner = unit.files.fragment,
        !own.contains(where: { Paths.place(of: $0.path) == Paths.place(of: winner.path) })
      else { return nil }
      return "\(winner.path) hides \(first.path) of the release; remove it, or name it as the target"
    }
  }
}

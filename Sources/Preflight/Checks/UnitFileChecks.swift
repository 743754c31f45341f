internal import Deployment
internal import SystemPackage
internal import Systemd
internal import Units

/// Every unit that will be started has a file, and no mask.
package struct UnitsThere: PreflightCheck {
  package func findings(_ situation: PreflightSituation) throws -> [String] {
    let installed = Set(
      situation.change.desired.files.filter(\.state.exists).map { FilePath($0.path).lastComponent?.string })
    return situation.plan.touched.filter(\.starts).compactMap { unit in
      let current = situation.inventory.unit(unit.unit)
      if current.masked { return "\(unit.unit) is masked and would stay masked; run: systemctl unmask \(unit.unit)" }
      if !current.exists && !installed.contains(unit.unit) {
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
      unit.status.loadError.map { "\(unit.name.full) cannot be loaded: \($0); fix its unit file" }
    }
    return try await unread + (situation.analysis?.findings() ?? [])
  }
}

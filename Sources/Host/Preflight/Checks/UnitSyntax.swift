internal import Deployment
internal import Systemd

/// The unit files parse.
struct UnitSyntax: PreflightCheck {
  func findings(_ situation: PreflightSituation) async throws -> [String] {
    let unread = situation.units.compactMap { unit in
      unit.status.loadError.map { "\(unit.name.full) cannot be read: \($0); mend its unit file" }
    }
    return try await unread + (situation.analysis?.findings() ?? [])
  }
}

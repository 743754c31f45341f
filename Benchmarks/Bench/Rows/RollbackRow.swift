import Measurement

/// Rollback of larger services, and of one that does not stop when it is asked to.
struct RollbackRow: Row {
  enum Kind: String, Sendable {
    case large = "rollback-large"
    case deaf = "rollback-deaf"
  }

  let kind: Kind

  var id: String { kind.rawValue }

  var title: String {
    switch kind {
    case .large: "Rollback of five large services"
    case .deaf: "Rollback of a service that ignores SIGTERM"
    }
  }

  var how: String {
    switch kind {
    case .large:
      """
      Five services with programs of many MiB each (the size is in the figure's title); else as above. Deploys between two
      rollbacks are not shown.
      """
    case .deaf: "The service is killed by systemd after its `TimeoutStopSec=2s`; that grace is part of the figure."
    }
  }

  var limits: String {
    """
    Profile (steps of `qtctl rollback --json`): most of the time proves the backup, every byte of it, plans, \
    backs up the state before, and stages, each of which reads every program once. By hand the last copy is put back unproved, \
    and what it replaces is lost. Done: each of these on all cores. Left: to stage from the backup and prove it in one \
    pass, which would have to choose another backup half way.
    """
  }

  func figures(_ sizes: Sizes) -> [RowHeading] {
    switch kind {
    case .large:
      [
        RowHeading(
          key: "rollback", title: "rollback of five services of \(sizes.serviceMiB) MiB to verified health",
          bars: [.most(1.2, .ratio("qtctl", to: "by hand in sh"))])
      ]
    case .deaf:
      [RowHeading(key: "rollback", title: "rollback to verified health", bars: [.most(3000, .median("qtctl"))])]
    }
  }

  func rounds(_ sizes: Sizes) -> Int { min(3, sizes.rounds) }

  func contenders(_ ground: Ground) throws -> [Contender] {
    func services(_ tag: String, _ port: Int) throws -> ServiceRelease {
      let services =
        kind == .large
        ? ServiceRelease(
          folder: ground.folder, tag: "large-" + tag, count: 5, mebibytes: ground.sizes.serviceMiB, firstPort: port)
        : ServiceRelease(
          folder: ground.folder, tag: "deaf-" + tag, count: 1, mebibytes: 1, firstPort: port, isDeaf: true)
      try services.write(service: ground.service)
      return services
    }
    return [try DeployRow.qtctl(try services("own", 7500)), try DeployRow.byHand(try services("hand", 7600))]
  }
}

package import Backups
package import Deployment
package import HostState
package import Releases

/// What preflight judges: a change, what is on the host, and what will be.
package struct PreflightSituation {
  /// What is about to be done to the host.
  package struct Change {
    package enum Kind { case deploy, rollback, backup }

    package let kind: Kind
    package let desired: DesiredState
    package let inventory: Inventory
    package let plan: Plan
    package let store: BackupStore
    package let diskSpace: DiskSpace
    /// `nil` where none is deployed.
    package var release: Release?
    /// The release that is on the host.
    package var installed: ReleaseIdentity?
    /// The backup that is put back; `nil` for a deploy.
    package var stamp: Stamp?
    /// Whether a release that failed here before is tried again.
    package var again = false
    /// Whether a store that a reboot takes away will do.
    package var volatileStore = true

    package init(
      _ kind: Kind, desired: DesiredState, inventory: Inventory, plan: Plan, store: BackupStore, diskSpace: DiskSpace
    ) {
      self.kind = kind
      self.desired = desired
      self.inventory = inventory
      self.plan = plan
      self.store = store
      self.diskSpace = diskSpace
    }
  }

  package let change: Change
  package let state: StateFolder
  package let redis: any RedisInspection
  /// The address that overrides every manifest's.
  package let redisAddress: String?
  /// `nil` where there is no service manager to ask.
  package let trial: (any UnitTrial)?
  /// The unit in which this process runs, as it is now.
  package let ownUnit: UnitState?
  /// The files of the host as the plan leaves them.
  package let future: PlannedFileSystem
  /// What is said of the unit files that change; `nil` where none does.
  package let analysis: UnitAnalysis?
  /// Which packages have brought the files that are replaced; `nil` where that is not asked for.
  let packageOwners: Task<PackageOwners, Never>?
  /// The units that will be started, as systemd will read them; empty where it cannot be asked, and for a rollback.
  package let units: [PlannedUnit]

  package var plan: Plan { change.plan }
  package var inventory: Inventory { change.inventory }
  package var release: Release? { change.release }

  package init(
    _ change: Change, state: StateFolder, redis: any RedisInspection, redisAddress: String?, trial: (any UnitTrial)?,
    ownUnit: UnitState? = nil
  ) throws {
    self.change = change
    self.state = state
    self.redis = redis
    self.redisAddress = redisAddress
    self.trial = trial
    self.ownUnit = ownUnit
    let (plan, inventory, future) = (change.plan, change.inventory, PlannedFileSystem(change.plan))
    self.future = future
    packageOwners = change.kind == .deploy ? PackagedTargets.owners(change) : nil
    guard let trial, change.release != nil else {
      analysis = nil
      units = []
      return
    }
    try Scratch.clean()
    analysis = try UnitAnalysis(plan, future)
    units = try PlannedUnit.load(
      plan.touched.filter { $0.running && !inventory.unit($0.unit).masked }.map(\.unit), future, trial)
  }
}

internal import Deployment

/// What preflight judges: a plan, what is, and what will be.
struct PreflightSituation {
  let context: HostContext
  let desired: DesiredState
  let inventory: Inventory
  let plan: Plan
  let store: BackupStore
  let room: Room
  /// `nil` for a rollback.
  let release: Release?
  /// Whether a store that a reboot takes away will do.
  let volatileStore: Bool
  /// The files of the host as the plan leaves them.
  let future: FutureFiles
  /// What is said of the unit files that change; `nil` where none does.
  let analysis: UnitAnalysis?
  /// The units that will be started, as systemd will read them; empty where it cannot be asked.
  let units: [FutureUnit]

  init(_ preparation: Preparation, _ context: HostContext) throws {
    self.context = context
    desired = preparation.desired
    inventory = preparation.inventory
    plan = preparation.plan
    store = preparation.store
    room = try preparation.room(context)
    release = preparation.release
    volatileStore = preparation.options.volatileStore
    future = FutureFiles(preparation.plan)
    if context.trial != nil { try Scratch.clean() }
    analysis = try context.trial.flatMap { [plan, future] _ in try UnitAnalysis(plan, future) }
    units =
      try context.trial.map { [plan, future, inventory] trial in
        try FutureUnit.load(
          plan.touched.filter { $0.running && !inventory.unit($0.unit).masked }.map(\.unit), future, trial)
      } ?? []
  }

  init(_ aim: RollbackAim, _ store: BackupStore, _ context: HostContext) throws {
    self.context = context
    self.store = store
    room = try aim.room(in: store, context)
    desired = aim.desired
    inventory = aim.inventory
    plan = aim.plan
    release = nil
    volatileStore = true
    future = FutureFiles(aim.plan)
    analysis = nil
    units = []
  }
}

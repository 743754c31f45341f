/// What systemd knows of a unit beyond its state: everything that decides how a plan treats it. Read before anything is
/// touched; a unit that is new to the host has none.
package struct UnitFacts: Sendable, Hashable {
  /// How another unit follows this one when it stops, named by the directive that says so in the other unit.
  package enum Dependence: String, Sendable, Hashable, CaseIterable {
    case requires = "Requires="
    case requisite = "Requisite="
    case bindsTo = "BindsTo="
    case partOf = "PartOf="
    /// `PropagatesStopTo=` of this unit.
    case stopPropagatedFrom = "StopPropagatedFrom="
    /// It does not stop, but would start this one again at once: it has to stop first.
    case upholds = "Upholds="
  }

  /// How the last run of a oneshot ended.
  package enum LastRun: Sendable, Hashable {
    case succeeded, failed
    /// It has not run since the boot.
    case none
  }

  /// The unit's own name, also where it was asked for by an alias; empty for a unit that is new to the host.
  package var id = ""
  /// `simple`, `exec`, `forking`, `oneshot`, `dbus`, `notify`, `notify-reload`, `idle`; empty for what is no service.
  package var serviceType = ""
  /// Whether a oneshot stays active after it has run.
  package var remainsAfterExit = false
  package var lastRun = LastRun.none
  /// How long it may take to start; `nil`: without limit.
  package var startTimeout: Duration?
  /// How long it may take to stop; `nil`: without limit.
  package var stopTimeout: Duration?
  /// `control-group`, `mixed`, `process` or `none`; empty for what runs no process.
  package var killMode = ""
  /// Whether systemd knows how to reload it (`ExecReload=`, or a type that has a way of its own).
  package var canReload = false
  package var refusesManualStart = false
  package var refusesManualStop = false
  /// Whether the manager has another unit file than is on disk.
  package var needsReload = false

  /// The units that stop, or must stop, when this one does.
  package var dependents: [String: Dependence] = [:]
  /// The units that stop when this one starts, and the other way round.
  package var conflicts: [String] = []
  /// The timers, paths and sockets that start this one.
  package var triggeredBy: [String] = []
  /// For a socket, the services that it passes its sockets to; none that is started for each connection.
  package var listensFor: [String] = []
  /// For a timer, how long until its next run; `nil` where none is planned.
  package var nextRun: Duration?

  package init() {}

  package var isOneshot: Bool { serviceType == "oneshot" }
  /// Whether processes survive a stop.
  package var leavesProcesses: Bool { killMode == "process" || killMode == "none" }
}

extension UnitFacts {
  /// What counts as a limit where the unit sets none.
  package static let unlimited: Duration = .seconds(300)

  /// How long the unit may take to become ready where the manifest does not say.
  package var ready: Duration { startTimeout ?? Self.unlimited }
  /// How long the unit may take to stop where the manifest does not say.
  package var stop: Duration { stopTimeout ?? Self.unlimited }

  /// Whether the unit is as it should be in operation. A oneshot is when its last run succeeded, and when nothing has
  /// started it and nothing enables it.
  package func isUp(_ state: UnitState) -> Bool {
    guard isOneshot, !state.running else { return state.running }
    switch lastRun {
    case .succeeded: return !remainsAfterExit
    case .failed: return false
    case .none: return state.active != "failed" && !state.enablement.hasPrefix("enabled")
    }
  }

  /// What becomes of the unit where the manifest does not say. What a timer or a path triggers, and a oneshot that a
  /// socket triggers, runs when its trigger wants it.
  package var standardTarget: DesiredState.Unit.Target {
    let isTriggered = triggeredBy.contains { trigger in
      trigger.hasSuffix(".timer") || trigger.hasSuffix(".path") || (isOneshot && trigger.hasSuffix(".socket"))
    }
    return isTriggered ? .asFound : .running
  }
}

/// That a unit uses a path, and how.
package struct PathUse: Sendable, Hashable {
  package var unit: String
  /// How, as the end of a sentence: `which its ExecStart= names`, `which its process 123 has open`.
  package var how: String
  /// Whether the unit is running, for units that no manifest names.
  package var isRunning: Bool
  /// Whether systemd reads the unit from it.
  package var definesUnit: Bool
  /// Whether what runs is older than the file: the unit started before it was last written, or has its deleted
  /// predecessor open.
  package var isOutdated: Bool

  package init(
    unit: String, how: String, isRunning: Bool = true, definesUnit: Bool = false, isOutdated: Bool = false
  ) {
    self.definesUnit = definesUnit
    self.isOutdated = isOutdated
    self.unit = unit
    self.how = how
    self.isRunning = isRunning
  }
}

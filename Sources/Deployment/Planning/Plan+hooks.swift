extension Plan {
  /// This plan with the hooks of a manifest. A plan that changes no file has none.
  package func adding(_ hooks: Manifest.Hooks) -> Plan {
    guard !changedFiles.isEmpty else { return self }
    var plan = self
    plan.prepare = hooks.prepare?.within
    plan.finished = hooks.finished?.within
    guard let migrate = hooks.migrate else { return plan }
    // When all files are in place, before anything starts.
    let place = steps.firstIndex { $0.action.runsUnit } ?? steps.endIndex
    plan.steps.insert(
      Step(.migrate(within: migrate.within), because: "'\(migrate.run.joined(separator: " "))'"), at: place)
    plan.longest += migrate.within
    if migrate.undo == nil {
      plan.warnings.append("hook migrate has no 'undo': where the deploy fails, what it did stays")
    } else {
      plan.longest += migrate.within * 2
    }
    return plan
  }

  /// This plan for an undo, which takes a migration back before the old files return.
  package func undoing(_ migration: HookCall?) -> Plan {
    guard let migration else { return self }
    var plan = self
    let place = steps.lastIndex { $0.action.isBeforeSwap }.map { $0 + 1 } ?? steps.startIndex
    let reason = "the migration ran, or may have: '\(migration.line)'"
    plan.steps.insert(Step(.undoMigration(within: migration.limit), because: reason), at: place)
    return plan
  }
}

extension Plan.Action {
  /// Whether it makes a unit run, or run on with another configuration.
  fileprivate var runsUnit: Bool {
    switch self {
    case .resetFailed, .start, .reload: true
    case .wait, .stop, .install, .remove, .removeEmptyFolder, .enable, .reloadManager, .migrate, .undoMigration: false
    }
  }

  fileprivate var isBeforeSwap: Bool {
    switch self {
    case .wait, .stop: true
    default: false
    }
  }
}

internal import Commit
internal import Basics
internal import Deployment
internal import FileOperations
internal import HostState
internal import Releases
internal import Units

/// The hooks of a release, and where they run.
struct ReleaseHooks {
  var hooks: Manifest.Hooks
  /// Absolute; the release's own, or the one that an archive was unpacked to.
  var folder: String
}

extension Transaction {
  /// Runs the `prepare` hook, and keeps what the `undo` of the migration would need.
  ///
  /// - Throws: why the transaction cannot go on; nothing that runs was touched.
  func prepareHooks(_ change: some Change) throws {
    guard let release = change.hooks else { return }
    if let hook = release.hooks.prepare {
      lock.enter("prepare hook", within: hook.within + RollbackWatchdog.margin)
      let call = call(.prepare, hook.run, hook.within, in: release.folder, change)
      try recorder.step("run \(call.title)", within: hook.within, detail: { "'\(call.line)'" }) {
        try hookRunner.run(call)
      }
    }
    guard let hook = release.hooks.migrate else { return }
    var migration = Migration(call(.migrate, hook.run, hook.within, in: release.folder, change), undo: nil)
    if let undo = hook.undo {
      lock.enter("keep the release's folder")
      let copy = context.state.migration
      try recorder.step("keep the release's folder", detail: { "for the undo of its migration" }) {
        try context.interruption.check()
        let isUnpacked = release.folder.hasPrefix(context.state.path + "/")
        try ReleaseCopy(of: release.folder, isOwn: isUnpacked).write(to: copy)
      }
      var call = call(.undo, undo, hook.within, in: copy, change)
      if let program = call.run.first, program.hasPrefix(release.folder + "/") {
        call.run[0] = copy + program.dropFirst(release.folder.count)  // trap: it has a first word
      }
      migration.undo = call
    }
    self.migration = migration
  }

  /// Runs the `finished` hook of a transaction that is over; its failure is a warning.
  func runFinished(_ change: some Change, _ result: TransactionResult) -> TransactionResult {
    guard let release = change.hooks, let hook = release.hooks.finished else { return result }
    context.interruption.shield()
    lock.enter("finished hook", within: hook.within + RollbackWatchdog.margin)
    var call = call(.finished, hook.run, hook.within, in: release.folder, change)
    call.input.outcome = result.outcome
    var result = result
    do {
      try recorder.step("run \(call.title)", within: hook.within, detail: { "'\(call.line)'" }) {
        let end = try context.services.run(call)
        guard end.succeeded else { throw HookError(call, end) }
      }
    } catch {
      result.message += "\nwarning: \(error)"
    }
    result.steps = recorder.steps
    return result
  }

  var hookRunner: HookRunner {
    HookRunner(services: context.services, journal: journal) { [weak self] in self?.keep($0, $1) }
  }

  /// Keeps what a hook printed, for the evidence.
  func keep(_ call: HookCall, _ end: HookEnd) {
    hookOutput += "--- \(call.title): \(call.line)\n\(end.output)\n"
  }

  private func call(
    _ name: HookCall.Name, _ run: [String], _ limit: Duration, in folder: String, _ change: some Change
  ) -> HookCall {
    let plan = change.plan
    var input = HookInput(
      name, name: begin.name, command: begin.command, user: begin.user, files: plan.changedFiles,
      units: (plan.touched.map(\.unit) + plan.reloads).uniqued())
    input.reason = begin.reason
    input.stamp = stamp
    input.from = begin.from
    input.to = begin.to
    return HookCall(
      name, run: run, in: folder, within: limit, input: input,
      scope: "qtctl-hook-\(begin.pid)-\(begin.started)-\(name.rawValue)")
  }
}

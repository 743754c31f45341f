/// What will be done, in order, each step with its reason. `--dry-run` prints this value, and a deploy applies it.
package struct Plan: Sendable, Hashable {
  package enum Action: Sendable, Hashable {
    /// Wait until the run of a oneshot has ended, before anything is touched.
    case wait(unit: String, within: Duration)
    case stop(unit: String)
    indirect case install(DesiredState.File)
    case remove(path: String)
    case removeEmptyFolder(path: String)
    case enable(unit: String)
    case reloadManager
    case resetFailed(unit: String)
    /// - within: `nil`: as its unit file says, which the plan may have replaced.
    case start(unit: String, within: Duration?)
    /// Have a running unit read its configuration again.
    case reload(unit: String, within: Duration)
    /// Run the release's `migrate` hook.
    case migrate(within: Duration)
    /// Run the `undo` of a migration that ran, or may have run.
    case undoMigration(within: Duration)
  }

  package struct Step: Sendable, Hashable {
    package var action: Action
    /// Why, in words.
    package var reason: String
    /// Whether it is done at the same time as the step before it.
    package var isConcurrent: Bool

    package init(_ action: Action, because reason: String, isConcurrent: Bool = false) {
      self.action = action
      self.reason = reason
      self.isConcurrent = isConcurrent
    }
  }

  package var steps: [Step]
  /// The units, in start order, that the plan touches. Their target is `running` or `stopped`.
  package var touched: [DesiredState.Unit]

  /// The host's own files that differ from those of the release and are kept.
  package var kept: [String] = []
  /// Units that are not among `touched`, that stop with them or are paused, and that must be active in the end.
  package var others: [String] = []
  /// The time between SIGTERM and SIGKILL of each unit that is stopped.
  package var grace: [String: Duration] = [:]
  /// How long each unit that is started may take to become ready, as far as that is known before the start.
  package var readiness: [String: Duration] = [:]
  /// How long the plan takes at most, if every unit uses up its time.
  package var longest = Duration.zero
  /// Running units of no manifest that stop because one that conflicts with them starts.
  package var displaced: [String] = []
  /// Units that had failed, or crashed again and again, before, and of which no file changes that the manifest lists under
  /// them: that they fail once more is no failure of the plan.
  package var ailing: Set<String> = []
  /// How long the hooks outside of its steps may take, where there are any.
  package var prepare: Duration?
  package var finished: Duration?
  /// What an operator should know before it is applied, in sentences.
  package var warnings: [String] = []
  /// How many files each tree has, by its target.
  package var trees: [String: Int] = [:]
  /// What is left alone in trees, in sentences.
  package var notes: [String] = []
  /// Why it cannot be applied, in sentences.
  package var refusals: [String] = []

  package init(steps: [Step], touched: [DesiredState.Unit], kept: [String] = []) {
    self.steps = steps
    self.touched = touched
    self.kept = kept
  }

  /// Whether the host is already as it should be.
  package var isEmpty: Bool { steps.isEmpty }
  /// The files that must be staged before the first stop.
  package var installs: [DesiredState.File] {
    steps.compactMap { if case .install(let file) = $0.action { file } else { nil } }
  }
  /// The paths of the files that change.
  package var changedFiles: [String] { steps.compactMap(\.action.changedFile) }
  /// The units that are stopped, in stop order.
  package var stops: [String] {
    steps.compactMap { if case .stop(let unit) = $0.action { unit } else { nil } }
  }
  /// The units that are started, in start order.
  package var starts: [String] {
    steps.compactMap { if case .start(let unit, _) = $0.action { unit } else { nil } }
  }
  /// The units that are reloaded.
  package var reloads: [String] {
    steps.compactMap { if case .reload(let unit, _) = $0.action { unit } else { nil } }
  }
  /// The steps in the groups that are done at the same time.
  package var groups: [[Step]] {
    steps.reduce(into: []) { groups, step in
      if step.isConcurrent, !groups.isEmpty {
        groups[groups.count - 1].append(step)
      } else {
        groups.append([step])
      }
    }
  }
}

extension Plan {
  /// What steps that change files of one tree do, in a line; `nil` for all others.
  package func summary(of steps: [Step]) -> String? {
    guard steps.count > 1, case .install(let first)? = steps.first?.action, let tree = first.tree,
      steps.allSatisfy(\.action.isInstall)
    else {
      guard steps.count > 1, steps.allSatisfy(\.action.isRemoval) else { return nil }
      return "remove \(Self.counted(steps.count))"
    }
    return "install \(Self.grouped(steps.count)) of \(Self.counted(max(trees[tree] ?? 0, steps.count))) of \(tree)"
  }

  /// Such as `2,413 files`.
  package static func counted(_ count: Int) -> String { "\(grouped(count)) file\(count == 1 ? "" : "s")" }

  private static func grouped(_ count: Int) -> String {
    var digits = Array(String(count))
    var place = digits.count - 3
    while place > 0 {
      digits.insert(",", at: place)
      place -= 3
    }
    return String(digits)
  }
}

extension Plan.Action {
  /// Whether it puts a file, a link or a folder in place.
  package var isInstall: Bool { if case .install = self { true } else { false } }
  /// Whether it removes a file or a folder.
  package var isRemoval: Bool {
    switch self {
    case .remove, .removeEmptyFolder: true
    default: false
    }
  }

  /// Whether it changes a file of the host.
  package var changesFile: Bool { changedFile != nil }

  /// The path of the file that it changes.
  package var changedFile: String? {
    switch self {
    case .install(let file): file.path
    case .remove(let path): path
    case .wait, .stop, .removeEmptyFolder, .enable, .reloadManager, .resetFailed, .start, .reload, .migrate,
      .undoMigration:
      nil
    }
  }
}

extension Plan.Action: CustomStringConvertible {
  package var description: String {
    switch self {
    case .wait(let unit, _): "wait for \(unit)"
    case .stop(let unit): "stop \(unit)"
    case .install(let file):
      file.state.type == .directory ? "make folder \(file.path)" : "install \(file.path)"
    case .remove(let path): "remove \(path)"
    case .removeEmptyFolder(let path): "remove folder \(path) if empty"
    case .enable(let unit): "enable \(unit)"
    case .reloadManager: "reload the service manager"
    case .resetFailed(let unit): "reset-failed \(unit)"
    case .start(let unit, _): "start \(unit)"
    case .reload(let unit, _): "reload \(unit)"
    case .migrate: "run hook migrate"
    case .undoMigration: "run hook migrate's undo"
    }
  }
}

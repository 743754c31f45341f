/// What the host should be, as described by a release (deploy) or by a backup (rollback, undo, recovery).
///
/// One type for both, so that going forward and going back share the planner and the code that applies its plans.
package struct DesiredState: Sendable, Hashable {
  package var files: [File]
  /// In start order.
  package var units: [Unit]
  /// Folders that are removed when they end up empty, deepest first.
  package var emptyFolders: [String]
  /// The folders that a release brings with all that is in them.
  package var trees: [Tree] = []
  /// How the units stop and start.
  package var startOrder = StartOrder.inOrder
  /// Units of no manifest that must be active in the end: what an earlier plan has stopped with its units, or paused.
  package var others: [String] = []

  package init(files: [File], units: [Unit], emptyFolders: [String] = []) {
    self.files = files
    self.units = units
    self.emptyFolders = emptyFolders
  }

  package enum StartOrder: String, Sendable, Hashable, Codable, CaseIterable {
    /// One after the other as listed, and stopped in the reverse order.
    case inOrder = "in-order"
    /// All at once, in the order that systemd's `After=` asks for.
    case together
  }

  package struct File: Sendable, Hashable {
    package var path: String
    /// The unit that it belongs to; empty for a file that no single service owns.
    package var unit: String
    /// `nil` for what a manifest names.
    package var role: UnitArtifact.Role?
    package var state: FileState
    /// Where the content is read from; `nil` for what should be absent.
    package var origin: String?
    package var secret: Bool
    /// Installed only where absent.
    package var keep: Bool
    /// May make the host less safe than it is.
    package var unsafe = false
    /// A change of it alone reloads the unit that it belongs to, or those that use it where it belongs to none.
    package var reload = false
    /// The only units that a change of it restarts; `nil`: every unit that uses it.
    package var restarts: [String]?
    /// The target of the tree that it is part of. Where its state names no owner or group, the host decides them.
    package var tree: String?
    /// Where it is staged; `nil`: beside its target.
    package var staged: String?

    package init(
      path: String, unit: String, role: UnitArtifact.Role? = nil, state: FileState,
      origin: String? = nil,
      secret: Bool = false, keep: Bool = false
    ) {
      self.path = path
      self.unit = unit
      self.role = role
      self.state = state
      self.origin = origin
      self.secret = secret
      self.keep = keep
    }
  }

  package struct Unit: Sendable, Hashable {
    /// What starts at boot.
    package enum Enablement: Sendable, Hashable {
      /// As the links among the files say.
      case asFiles
      /// Leave an existing unit as it is; enable one that is new to the host.
      case whenNew
      /// Remove all links.
      case never
    }

    /// What becomes of the unit.
    package enum Target: String, Sendable, Hashable, Codable, CaseIterable {
      case running, stopped
      /// Up if it was up before, down if it was down.
      case asFound = "as-found"
    }

    package var unit: String
    /// `nil`: `UnitFacts.standardTarget`.
    package var target: Target?
    /// Whether nothing may start it; one that runs nevertheless is left alone.
    package var masked: Bool
    package var enablement: Enablement
    /// How long it may take to become active; `nil`: as its unit file says.
    package var ready: Duration?
    /// The grace between SIGTERM and SIGKILL; `nil`: as its unit file says.
    package var stop: Duration?

    package init(
      unit: String, running: Bool, masked: Bool = false, enablement: Enablement, ready: Duration? = nil,
      stop: Duration? = nil
    ) {
      self.init(unit: unit, target: running ? .running : .stopped, enablement: enablement, ready: ready, stop: stop)
      self.masked = masked
    }

    package init(
      unit: String, target: Target?, enablement: Enablement, ready: Duration? = nil, stop: Duration? = nil
    ) {
      self.unit = unit
      self.target = target
      masked = false
      self.enablement = enablement
      self.ready = ready
      self.stop = stop
    }

    /// What a manifest asks for.
    package init(_ service: Manifest.Service) {
      self.init(
        unit: service.unit, target: service.state, enablement: .whenNew, ready: service.ready, stop: service.stop)
    }

    /// Whether it should run. What is as found should not be stopped.
    package var running: Bool { target != .stopped }
    /// Whether it should run and can be started.
    package var starts: Bool { running && !masked }
  }

  /// The units that run once this state is reached, in start order.
  package func running(from inventory: Inventory) -> [String] {
    let changes = UnitChanges(from: inventory, to: self, reasons: [:])
    return units.filter { changes.target($0) == .running && !$0.masked }.map(\.unit)
  }

  /// This state with the links of units that never start at boot as absent.
  package func unlinked(in inventory: Inventory) -> DesiredState {
    let named = Set(files.map(\.path))
    let never = Set(units.filter { $0.enablement == .never }.map(\.unit))
    let links = inventory.companions.filter {
      $0.role == .link && never.contains($0.unit) && !named.contains($0.path) && inventory.file($0.path).exists
    }
    var state = self
    state.files += links.map { File(path: $0.path, unit: $0.unit, role: .link, state: .absent) }
    state.emptyFolders += Set(links.compactMap(\.folder)).subtracting(emptyFolders).sorted()
    return state
  }
}

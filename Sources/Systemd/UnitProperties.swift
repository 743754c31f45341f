internal import Basics
internal import CSystemd
internal import Glibc

extension ServiceManager {
  /// What systemd knows of a unit now. One that does not exist has `loadState` `.notFound`.
  package func status(of unit: String) throws(SystemdError) -> UnitStatus {
    guard remembered == nil else { return try details(of: unit).status }
    return try status(of: unit, path: Self.path(of: unit), within: timeout)
  }

  /// What systemd knows of a unit now, what hangs together with it included.
  package func details(of unit: String) throws(SystemdError) -> UnitDetails {
    if let known = remembered?.details[unit] { return known }
    let values = try properties(UnitProperties.allNames, interface: "", path: try Self.path(of: unit), subject: unit)
    let details = UnitProperties(values: values).details(of: unit)
    remembered?.details[unit] = details
    return details
  }

  /// What systemd knows of units now, in their order, asked all at once.
  package func statuses(of units: [String]) throws(SystemdError) -> [UnitStatus] {
    let bus = try connected()
    var calls: [BusMessage] = []
    for unit in units { calls.append(try Self.read("", of: Self.path(of: unit), subject: unit, on: bus)) }
    var statuses: [UnitStatus] = []
    for (unit, answer) in zip(units, try bus.call(calls)) {
      let values = try answer.get().properties(UnitProperties.unitNames.union(UnitProperties.serviceNames))
      statuses.append(UnitProperties(values: values).status(of: unit))
    }
    return statuses
  }

  /// While `atOneMoment` runs: remembers what systemd says of units, asked all at once; those for which it refuses an answer
  /// are left out. Elsewhere it does nothing.
  package func readAhead(_ units: [String], fileStates: Bool = false) throws(SystemdError) {
    let units = units.filter { remembered?.details[$0] == nil }
    guard remembered != nil, !units.isEmpty else { return }
    let bus = try connected()
    var calls: [BusMessage] = []
    for unit in units { calls.append(try Self.read("", of: Self.path(of: unit), subject: unit, on: bus)) }
    for (unit, answer) in zip(units, try bus.call(calls)) {
      guard let values = try? answer.get().properties(UnitProperties.allNames) else { continue }
      remembered?.details[unit] = UnitProperties(values: values).details(of: unit)
    }
    guard fileStates else { return }
    // Of a unit that systemd has just looked for and not found there is no file, and each look for one takes milliseconds.
    let missing = Set(units.filter { remembered?.details[$0]?.status.loadState == .notFound })
    for unit in missing { remembered?.fileStates[unit] = .absent }
    let present = units.filter { !missing.contains($0) }
    calls = []
    for unit in present { calls.append(try Self.readFileState(of: unit, on: bus)) }
    for (unit, answer) in zip(present, try bus.call(calls)) {
      remembered?.fileStates[unit] = (try? answer.get().string()).map(UnitFileState.init(rawValue:))
    }
  }

  /// Waits until the unit's status satisfies the predicate. It is asked at once (also after the deadline) and then
  /// whenever systemd announces a change. `nil`: it did not by the deadline.
  ///
  /// systemd does not announce changes of `watchdogLast`, `memoryCurrent`, `cpuUsage` and `tasksCurrent`.
  package func wait(
    for unit: String, until deadline: ContinuousClock.Instant, where predicate: (UnitStatus) -> Bool
  ) throws(SystemdError) -> UnitStatus? {
    let path = try Self.path(of: unit)
    while true {
      let bus = try connected()
      let watch = try PropertyWatch(bus, path: path)
      while bus.isOpen {
        let limit = min(timeout, max(deadline.remaining, .seconds(1)))
        let status = try status(of: unit, path: path, within: limit)
        if predicate(status) { return status }
        try bus.process()
        while !watch.changed, bus.isOpen {
          if deadline <= .now { return nil }
          try bus.wait(until: deadline)
          try bus.process()
        }
        watch.changed = false
      }
    }
  }

  private func status(of unit: String, path: String, within limit: Duration) throws(SystemdError) -> UnitStatus {
    let values = try properties(
      UnitProperties.unitNames.union(UnitProperties.serviceNames), interface: "", path: path, subject: unit,
      within: limit)
    return UnitProperties(values: values).status(of: unit)
  }

  /// The object of a unit; asking it for something loads the unit.
  private static func path(of unit: String) throws(SystemdError) -> String {
    var path: UnsafeMutablePointer<CChar>?
    let result = sd_bus_path_encode("\(BusConnection.managerPath)/unit", unit, &path)
    guard result >= 0, let path else { throw BusConnection.error(-result, operation: "name", subject: unit) }
    defer { free(path) }
    return String(cString: path)
  }
}

/// The properties of a unit's objects on the bus (org.freedesktop.systemd1(5)), read into a `UnitStatus`.
struct UnitProperties {
  let values: [String: BusValue]

  /// What is read of `org.freedesktop.systemd1.Unit`.
  static let unitNames: Set = [
    "Id", "Names", "Description", "LoadState", "LoadError", "ActiveState", "SubState", "ConditionResult",
    "ConditionTimestamp", "Job", "UnitFileState", "FragmentPath", "DropInPaths", "NeedDaemonReload", "CanReload",
    "InvocationID", "StateChangeTimestamp", "StateChangeTimestampMonotonic", "ActiveEnterTimestamp",
    "ActiveEnterTimestampMonotonic", "ActiveExitTimestamp", "ActiveExitTimestampMonotonic", "InactiveEnterTimestamp",
    "InactiveEnterTimestampMonotonic",
  ]

  /// What is read of `org.freedesktop.systemd1.Service`.
  static let serviceNames: Set<String> =
    Set(execDirectives.map { $0 + "Ex" }).union([
      "Result", "Type", "MainPID", "ControlPID", "NRestarts", "Restart", "RestartUSec", "EnvironmentFiles",
      "Environment", "User", "Group",
      "DynamicUser", "WorkingDirectory", "RootDirectory", "ControlGroup", "ExecMainPID", "ExecMainStartTimestamp",
      "ExecMainStartTimestampMonotonic", "ExecMainExitTimestamp", "ExecMainExitTimestampMonotonic", "ExecMainCode",
      "ExecMainStatus", "StatusText", "WatchdogUSec", "WatchdogTimestamp", "WatchdogTimestampMonotonic",
      "TimeoutStartUSec", "TimeoutStopUSec", "MemoryCurrent", "MemoryMax", "CPUUsageNSec", "TasksCurrent",
    ])

  /// What is read of a unit at all.
  static let allNames = unitNames.union(detailNames).union(serviceNames).union(typeNames)

  /// In the order in which they run.
  private static let execDirectives = [
    "ExecCondition", "ExecStartPre", "ExecStart", "ExecStartPost", "ExecReload", "ExecStop", "ExecStopPost",
  ]

  func status(of unit: String) -> UnitStatus {
    var status = UnitStatus(unit: text("Id") ?? unit)
    status.names = values["Names"]?.strings ?? []
    status.unitDescription = text("Description") ?? ""
    status.loadState = LoadState(rawValue: text("LoadState") ?? "")
    // A pair of error name and message, both empty when there is none.
    status.loadError = values["LoadError"]?.strings?.last.flatMap { $0.isEmpty ? nil : $0 }
    status.activeState = ActiveState(rawValue: text("ActiveState") ?? "")
    status.subState = text("SubState") ?? ""
    status.conditionResult = positive("ConditionTimestamp") == nil ? nil : values["ConditionResult"]?.bool
    status.jobID = values["Job"]?.elements?.first?.integer(UInt32.self).flatMap { $0 == 0 ? nil : $0 }
    status.unitFileState = text("UnitFileState").map(UnitFileState.init(rawValue:)) ?? .absent
    status.fragmentPath = text("FragmentPath")
    status.dropInPaths = values["DropInPaths"]?.strings ?? []
    status.needDaemonReload = values["NeedDaemonReload"]?.bool ?? false
    status.canReload = values["CanReload"]?.bool ?? false
    status.invocationID = invocationID
    status.stateChange = timestamp("StateChangeTimestamp")
    status.activeEnter = timestamp("ActiveEnterTimestamp")
    status.activeExit = timestamp("ActiveExitTimestamp")
    status.inactiveEnter = timestamp("InactiveEnterTimestamp")
    if values["Type"] != nil { addService(to: &status) }
    return status
  }

  private func addService(to status: inout UnitStatus) {
    status.result = text("Result")
    status.serviceType = text("Type")
    status.mainPID = process("MainPID")
    status.controlPID = process("ControlPID")
    status.nRestarts = values["NRestarts"]?.integer()
    status.restart = text("Restart")
    status.restartDelay = known("RestartUSec").map { .microseconds(Int64(clamping: $0)) }
    status.commands = Self.execDirectives.flatMap(commands)
    status.environmentFiles = environmentFiles
    status.environment = values["Environment"]?.strings ?? []
    status.user = text("User")
    status.group = text("Group")
    status.dynamicUser = values["DynamicUser"]?.bool
    status.workingDirectory = text("WorkingDirectory")
    status.rootDirectory = text("RootDirectory")
    status.controlGroup = text("ControlGroup")
    status.execMainPID = process("ExecMainPID")
    status.execMainStart = timestamp("ExecMainStartTimestamp")
    status.execMainExit = timestamp("ExecMainExitTimestamp")
    if let code = values["ExecMainCode"]?.integer(Int32.self), code != 0 {
      status.execMainCode = code
      status.execMainStatus = values["ExecMainStatus"]?.integer()
    }
    status.statusText = text("StatusText")
    status.watchdog = known("WatchdogUSec").flatMap { $0 == 0 ? nil : .microseconds(Int64(clamping: $0)) }
    status.watchdogLast = timestamp("WatchdogTimestamp")
    status.timeoutStart = known("TimeoutStartUSec").map { .microseconds(Int64(clamping: $0)) }
    status.timeoutStop = known("TimeoutStopUSec").map { .microseconds(Int64(clamping: $0)) }
    status.memoryCurrent = known("MemoryCurrent")
    status.memoryMax = known("MemoryMax")
    status.cpuUsage = known("CPUUsageNSec").map { .nanoseconds(Int64(clamping: $0)) }
    status.tasksCurrent = known("TasksCurrent")
  }

  /// systemd gives empty text for what is not set.
  private func text(_ name: String) -> String? {
    values[name]?.string.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// systemd gives the greatest number for what is not known or has no limit.
  private func known(_ name: String) -> UInt64? {
    values[name]?.integer(UInt64.self).flatMap { $0 == .max ? nil : $0 }
  }

  private func positive(_ name: String) -> Int64? {
    values[name]?.integer(Int64.self).flatMap { $0 > 0 ? $0 : nil }
  }

  private func process(_ name: String) -> Int32? { positive(name).flatMap { Int32(exactly: $0) } }

  private func timestamp(_ name: String) -> UnitTimestamp? {
    guard let realtime = positive(name), let monotonic = positive(name + "Monotonic") else { return nil }
    return UnitTimestamp(realtime: realtime, monotonic: monotonic)
  }

  private var invocationID: String? {
    let bytes = values["InvocationID"]?.elements?.compactMap { $0.integer(UInt8.self) } ?? []
    guard bytes.count == 16 else { return nil }
    return Digits.hex(bytes)
  }

  /// Each is path, arguments, flags, and the last run's times and status.
  private func commands(_ directive: String) -> [ExecCommand] {
    (values[directive + "Ex"]?.elements ?? []).compactMap { command in
      // trap: counted
      guard let parts = command.elements, parts.count >= 3, let path = parts[0].string else { return nil }
      return ExecCommand(
        // trap: counted
        directive: directive, path: path, arguments: parts[1].strings ?? [], flags: Set(parts[2].strings ?? []))
    }
  }

  /// Each is path and whether it may be absent.
  private var environmentFiles: [EnvironmentFile] {
    (values["EnvironmentFiles"]?.elements ?? []).compactMap { file in
      // trap: counted
      guard let parts = file.elements, parts.count == 2, let path = parts[0].string, let optional = parts[1].bool
      else { return nil }
      return EnvironmentFile(path: path, isOptional: optional)
    }
  }
}

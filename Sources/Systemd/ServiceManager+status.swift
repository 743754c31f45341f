internal import CSystemd
internal import Glibc

extension ServiceManager {
  private static let unitInterface = "org.freedesktop.systemd1.Unit"
  private static let serviceInterface = "org.freedesktop.systemd1.Service"

  /// What systemd knows of a unit now. One that does not exist has `loadState` `.notFound`.
  public func status(of unit: String) throws(SystemdError) -> UnitStatus {
    try status(of: unit, path: Self.path(of: unit), within: timeout)
  }

  /// What systemd knows of a unit now, what hangs together with it included.
  public func details(of unit: String) throws(SystemdError) -> UnitDetails {
    let path = try Self.path(of: unit)
    var values = try properties(
      UnitProperties.unitNames.union(UnitProperties.detailNames), interface: Self.unitInterface, path: path,
      subject: unit)
    if let interface = Self.interface(of: unit) {
      let own = try properties(
        UnitProperties.serviceNames.union(UnitProperties.typeNames), interface: interface, path: path, subject: unit)
      values.merge(own) { unit, _ in unit }
    }
    return UnitProperties(values: values).details(of: unit)
  }

  /// The interface of what only units of its type have; `nil` where nothing of it is read.
  private static func interface(of unit: String) -> String? {
    guard let type = unit.split(separator: ".").last, ["service", "socket", "timer", "mount"].contains(type) else {
      return nil
    }
    return "org.freedesktop.systemd1." + type.prefix(1).uppercased() + type.dropFirst()
  }

  /// Waits until the unit's status satisfies the predicate. It is asked at once (also after the deadline) and then
  /// whenever systemd announces a change. `nil`: it did not by the deadline.
  ///
  /// systemd does not announce changes of `watchdogLast`, `memoryCurrent`, `cpuUsage` and `tasksCurrent`.
  public func wait(
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
    var values = try properties(
      UnitProperties.unitNames, interface: Self.unitInterface, path: path, subject: unit, within: limit)
    if unit.hasSuffix(".service") {
      let service = try properties(
        UnitProperties.serviceNames, interface: Self.serviceInterface, path: path, subject: unit, within: limit)
      values.merge(service) { unit, _ in unit }
    }
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

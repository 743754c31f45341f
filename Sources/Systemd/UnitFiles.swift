/// How a unit's file is installed, as systemd names it (systemctl(1), `is-enabled`). The set is open.
package struct UnitFileState: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
  package let rawValue: String

  package init(rawValue: String) { self.rawValue = rawValue }

  package static let enabled = UnitFileState(rawValue: "enabled")
  package static let enabledRuntime = UnitFileState(rawValue: "enabled-runtime")
  package static let disabled = UnitFileState(rawValue: "disabled")
  /// The unit has no `[Install]` section: it can be neither enabled nor disabled.
  package static let `static` = UnitFileState(rawValue: "static")
  package static let masked = UnitFileState(rawValue: "masked")
  /// Masked until the next boot.
  package static let maskedRuntime = UnitFileState(rawValue: "masked-runtime")
  package static let generated = UnitFileState(rawValue: "generated")
  /// The file lies outside systemd's folders and is linked into them.
  package static let linked = UnitFileState(rawValue: "linked")
  package static let linkedRuntime = UnitFileState(rawValue: "linked-runtime")
  package static let alias = UnitFileState(rawValue: "alias")
  package static let indirect = UnitFileState(rawValue: "indirect")
  package static let transient = UnitFileState(rawValue: "transient")
  package static let bad = UnitFileState(rawValue: "bad")
  /// There is no such file. A name of this library's own: systemd has no name for it.
  package static let absent = UnitFileState(rawValue: "absent")

  /// Whether a mask keeps the unit from being started.
  package var isMasked: Bool { self == .masked || self == .maskedRuntime }

  package var description: String { rawValue }
}

/// One link that enabling, disabling, masking or unmasking made or removed.
package struct UnitFileChange: Sendable, Hashable {
  /// systemd's word for it: `symlink` or `unlink`.
  package var kind: String
  /// The link.
  package var path: String
  /// Where the link points; empty when it was removed.
  package var target: String

  package init(kind: String, path: String, target: String) {
    self.kind = kind
    self.path = path
    self.target = target
  }
}

extension ServiceManager {
  /// Creates the links of the units' `[Install]` sections. They take effect with `daemonReload()`.
  @discardableResult
  package func enable(_ units: [String]) throws(SystemdError) -> [UnitFileChange] {
    let reply = try call("EnableUnitFiles", operation: "enable", subject: units.joined(separator: " ")) {
      $0.append(units)
      $0.append(false)
      $0.append(false)
    }
    // Whether any of the units has an [Install] section; `unitFileState(of:)` tells it for each.
    _ = try reply.value()
    return try Self.changes(reply)
  }

  /// Removes the links of the units' `[Install]` sections.
  @discardableResult
  package func disable(_ units: [String]) throws(SystemdError) -> [UnitFileChange] {
    let reply = try call("DisableUnitFiles", operation: "disable", subject: units.joined(separator: " ")) {
      $0.append(units)
      $0.append(false)
    }
    return try Self.changes(reply)
  }

  /// Links the units to /dev/null, so that nothing can start them; until the next boot if `runtime`.
  ///
  /// systemd refuses where the unit file itself lies in /etc/systemd/system and the mask is not for the `runtime`.
  @discardableResult
  package func mask(_ units: [String], runtime: Bool = false) throws(SystemdError) -> [UnitFileChange] {
    let reply = try call("MaskUnitFiles", operation: "mask", subject: units.joined(separator: " ")) {
      $0.append(units)
      $0.append(runtime)
      $0.append(false)
    }
    return try Self.changes(reply)
  }

  /// Undoes `mask`.
  @discardableResult
  package func unmask(_ units: [String], runtime: Bool = false) throws(SystemdError) -> [UnitFileChange] {
    let reply = try call("UnmaskUnitFiles", operation: "unmask", subject: units.joined(separator: " ")) {
      $0.append(units)
      $0.append(runtime)
    }
    return try Self.changes(reply)
  }

  /// How the unit's file is installed now, read from disk; `.absent` when there is none.
  package func unitFileState(of unit: String) throws(SystemdError) -> UnitFileState {
    if let known = remembered?.fileStates[unit] { return known }
    do {
      let bus = try connected()
      return UnitFileState(rawValue: try bus.call(Self.readFileState(of: unit, on: bus)).string())
    } catch .noSuchUnit {
      return .absent
    } catch .refused(_, _, let name, _) where name == "org.freedesktop.DBus.Error.FileNotFound" {
      return .absent
    }
  }

  static func readFileState(of unit: String, on bus: BusConnection) throws(SystemdError) -> BusMessage {
    let message = try bus.message("GetUnitFileState", operation: "read the unit file state", subject: unit)
    message.append(unit)
    return message
  }

  private static func changes(_ reply: BusMessage) throws(SystemdError) -> [UnitFileChange] {
    guard let changes = try reply.value().elements else { throw reply.malformed }
    return changes.compactMap(\.strings).filter { $0.count == 3 }.map {
      // trap: counted
      UnitFileChange(kind: $0[0], path: $0[1], target: $0[2])
    }
  }
}

/// How a unit's file is installed, as systemd names it (systemctl(1), `is-enabled`). The set is open.
public struct UnitFileState: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
  public let rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }

  public static let enabled = UnitFileState(rawValue: "enabled")
  public static let enabledRuntime = UnitFileState(rawValue: "enabled-runtime")
  public static let disabled = UnitFileState(rawValue: "disabled")
  /// The unit has no `[Install]` section: it can be neither enabled nor disabled.
  public static let `static` = UnitFileState(rawValue: "static")
  public static let masked = UnitFileState(rawValue: "masked")
  /// Masked until the next boot.
  public static let maskedRuntime = UnitFileState(rawValue: "masked-runtime")
  public static let generated = UnitFileState(rawValue: "generated")
  /// The file lies outside systemd's folders and is linked into them.
  public static let linked = UnitFileState(rawValue: "linked")
  public static let linkedRuntime = UnitFileState(rawValue: "linked-runtime")
  public static let alias = UnitFileState(rawValue: "alias")
  public static let indirect = UnitFileState(rawValue: "indirect")
  public static let transient = UnitFileState(rawValue: "transient")
  public static let bad = UnitFileState(rawValue: "bad")
  /// There is no such file. A name of this library's own: systemd has no name for it.
  public static let absent = UnitFileState(rawValue: "absent")

  /// Whether a mask keeps the unit from being started.
  public var isMasked: Bool { self == .masked || self == .maskedRuntime }

  public var description: String { rawValue }
}

/// One link that enabling, disabling, masking or unmasking made or removed.
public struct UnitFileChange: Sendable, Hashable {
  /// systemd's word for it: `symlink` or `unlink`.
  public var kind: String
  /// The link.
  public var path: String
  /// Where the link points; empty when it was removed.
  public var target: String

  public init(kind: String, path: String, target: String) {
    self.kind = kind
    self.path = path
    self.target = target
  }
}

extension ServiceManager {
  /// Creates the links of the units' `[Install]` sections. They take effect with `daemonReload()`.
  @discardableResult
  public func enable(_ units: [String]) throws(SystemdError) -> [UnitFileChange] {
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
  public func disable(_ units: [String]) throws(SystemdError) -> [UnitFileChange] {
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
  public func mask(_ units: [String], runtime: Bool = false) throws(SystemdError) -> [UnitFileChange] {
    let reply = try call("MaskUnitFiles", operation: "mask", subject: units.joined(separator: " ")) {
      $0.append(units)
      $0.append(runtime)
      $0.append(false)
    }
    return try Self.changes(reply)
  }

  /// Undoes `mask`.
  @discardableResult
  public func unmask(_ units: [String], runtime: Bool = false) throws(SystemdError) -> [UnitFileChange] {
    let reply = try call("UnmaskUnitFiles", operation: "unmask", subject: units.joined(separator: " ")) {
      $0.append(units)
      $0.append(runtime)
    }
    return try Self.changes(reply)
  }

  /// How the unit's file is installed now, read from disk; `.absent` when there is none.
  public func unitFileState(of unit: String) throws(SystemdError) -> UnitFileState {
    do {
      let reply = try call("GetUnitFileState", operation: "read the unit file state", subject: unit) {
        $0.append(unit)
      }
      return UnitFileState(rawValue: try reply.string())
    } catch .noSuchUnit {
      return .absent
    } catch .refused(_, _, let name, _) where name == "org.freedesktop.DBus.Error.FileNotFound" {
      return .absent
    }
  }

  private static func changes(_ reply: BusMessage) throws(SystemdError) -> [UnitFileChange] {
    guard let changes = try reply.value().elements else { throw reply.malformed }
    return changes.compactMap(\.strings).filter { $0.count == 3 }.map {
      UnitFileChange(kind: $0[0], path: $0[1], target: $0[2])
    }
  }
}

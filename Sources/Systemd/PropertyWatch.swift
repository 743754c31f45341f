internal import CSystemd

/// Notices that systemd announced a change of a unit's properties, for as long as it lives.
final class PropertyWatch {
  /// Whether something changed since this was last set to false.
  var changed = false
  // Keeps the connection open for as long as its slot is in use.
  private let bus: BusConnection
  private var slot: OpaquePointer?

  init(_ bus: BusConnection, path: String) throws(SystemdError) {
    self.bus = bus
    slot = try bus.match(
      path: path, interface: "org.freedesktop.DBus.Properties", member: "PropertiesChanged",
      context: Unmanaged.passUnretained(self).toOpaque()
    ) { _, context, _ in
      if let context { Unmanaged<PropertyWatch>.fromOpaque(context).takeUnretainedValue().changed = true }
      return 0
    }
  }

  deinit { sd_bus_slot_unref(slot) }
}

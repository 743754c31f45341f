internal import CSystemd

/// Collects the results of the jobs that a connection's owner waits for.
final class JobSignals {
  /// Jobs that were queued and have not ended as far as is known.
  var outstanding: Set<UInt32> = []
  private var results: [UInt32: JobResult] = [:]
  /// While jobs are being queued: what ended meanwhile, since a job may end before the answer with its number is read.
  private var early: [UInt32: JobResult]?

  func ended(_ id: UInt32, _ result: JobResult) {
    guard outstanding.remove(id) != nil else {
      early?[id] = result
      return
    }
    results[id] = result
  }

  /// Queues jobs and notes them; one that has ended by then has its result.
  func noting(_ queue: () throws(SystemdError) -> [Result<Job, SystemdError>]) throws(SystemdError)
    -> [Result<Job, SystemdError>]
  {
    early = [:]
    defer { early = nil }
    let queued = try queue()
    for job in queued {
      guard let id = (try? job.get())?.id else { continue }
      if let result = early?[id] { results[id] = result } else { outstanding.insert(id) }
    }
    return queued
  }

  func result(of id: UInt32) -> JobResult? { results[id] }

  /// Forgets results that were returned.
  func forget(_ ids: some Sequence<UInt32>) {
    for id in ids { results[id] = nil }
  }

  /// Listens for `JobRemoved` on a connection, which must not outlive this object.
  func attach(to bus: BusConnection) throws(SystemdError) {
    let slot = try bus.match(
      path: BusConnection.managerPath, interface: "org.freedesktop.systemd1.Manager", member: "JobRemoved",
      context: Unmanaged.passUnretained(self).toOpaque()
    ) { signal, context, _ in
      guard let signal, let context else { return 0 }
      let message = BusMessage(
        adopting: sd_bus_message_ref(signal), operation: "JobRemoved", subject: BusConnection.manager)
      // id, path, unit, result; one in another form is not a signal that we know.
      if let id = try? message.value().integer(UInt32.self), (try? message.string()) != nil,
        (try? message.string()) != nil, let result = try? message.string()
      {
        Unmanaged<JobSignals>.fromOpaque(context).takeUnretainedValue().ended(id, JobResult(rawValue: result))
      }
      return 0
    }
    bus.keep(slot)
  }
}

/// Notes whether systemd announced a change of a unit's properties, for as long as this object exists.
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

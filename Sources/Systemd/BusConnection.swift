internal import CSystemd
internal import Glibc

/// One open connection to the service manager. It is not reused after it broke.
final class BusConnection {
  static let manager = "org.freedesktop.systemd1"
  static let managerPath = "/org/freedesktop/systemd1"
  private static let privateSocket = "unix:path=/run/systemd/private"

  let handle: OpaquePointer
  /// How long one call may take.
  let timeout: Duration
  private var slots: [OpaquePointer] = []

  init(adopting handle: OpaquePointer, timeout: Duration) {
    self.handle = handle
    self.timeout = timeout
  }

  deinit {
    slots.forEach { _ = sd_bus_slot_unref($0) }
    sd_bus_flush_close_unref(handle)
  }

  /// Connects, and asks for the manager's signals, which proves that it answers.
  static func open(timeout: Duration) throws(SystemdError) -> BusConnection {
    do {
      return try openSystemBus(timeout: timeout)
    } catch {
      guard geteuid() == 0, access("/run/systemd/private", F_OK) == 0 else { throw error }
      return try openPrivateSocket(timeout: timeout)
    }
  }

  static func openSystemBus(timeout: Duration) throws(SystemdError) -> BusConnection {
    var bus: OpaquePointer?
    let result = sd_bus_open_system(&bus)
    guard result >= 0, let bus else { throw unreachable("the system bus", result) }
    let connection = BusConnection(adopting: bus, timeout: timeout)
    try connection.subscribe("the system bus")
    return connection
  }

  static func openPrivateSocket(timeout: Duration) throws(SystemdError) -> BusConnection {
    var bus: OpaquePointer?
    var result = sd_bus_new(&bus)
    guard result >= 0, let bus else { throw unreachable("systemd's private socket", result) }
    let connection = BusConnection(adopting: bus, timeout: timeout)
    result = sd_bus_set_address(bus, privateSocket)
    if result >= 0 { result = sd_bus_start(bus) }
    guard result >= 0 else { throw unreachable("systemd's private socket", result) }
    try connection.subscribe("systemd's private socket")
    return connection
  }

  var isOpen: Bool { sd_bus_is_open(handle) > 0 }

  /// A call to be filled in and passed to `call`.
  func message(
    _ member: String, interface: String = "org.freedesktop.systemd1.Manager", path: String = managerPath,
    operation: String, subject: String
  ) throws(SystemdError) -> BusMessage {
    var message: OpaquePointer?
    let result = sd_bus_message_new_method_call(handle, &message, Self.manager, path, interface, member)
    guard result >= 0, let message else { throw Self.error(-result, operation: operation, subject: subject) }
    return BusMessage(adopting: message, operation: operation, subject: subject)
  }

  /// Sends a call and waits for its answer.
  func call(_ message: BusMessage, timeout limit: Duration? = nil) throws(SystemdError) -> BusMessage {
    guard message.writeResult >= 0 else {
      throw Self.error(-message.writeResult, operation: message.operation, subject: message.subject)
    }
    var failure = sd_bus_error()
    defer { sd_bus_error_free(&failure) }
    var reply: OpaquePointer?
    let result = sd_bus_call(handle, message.handle, (limit ?? timeout).busMicroseconds, &failure, &reply)
    if result >= 0, let reply {
      return BusMessage(adopting: reply, operation: message.operation, subject: message.subject)
    }
    guard let name = failure.name else {
      throw Self.error(-result, operation: message.operation, subject: message.subject)
    }
    throw SystemdError.named(
      String(cString: name), message: failure.message.map { String(cString: $0) } ?? "no reason given",
      operation: message.operation, subject: message.subject)
  }

  /// Has `handler` called with `context` for each of these signals. The context must outlive the connection.
  func match(
    path: String, interface: String, member: String, context: UnsafeMutableRawPointer,
    _ handler: sd_bus_message_handler_t
  ) throws(SystemdError) -> OpaquePointer {
    var slot: OpaquePointer?
    let result = sd_bus_match_signal(handle, &slot, Self.manager, path, interface, member, handler, context)
    guard result >= 0, let slot else { throw Self.error(-result, operation: "watch for \(member)", subject: path) }
    return slot
  }

  /// Keeps a match for as long as the connection lives.
  func keep(_ slot: OpaquePointer) { slots.append(slot) }

  /// Closes the connection, as when the other side is gone.
  func breakOff() { sd_bus_close(handle) }

  /// Dispatches every signal that has arrived. A connection that broke is closed afterwards.
  func process() throws(SystemdError) {
    while true {
      let result = sd_bus_process(handle, nil)
      if result == 0 { return }
      if result < 0 {
        breakOff()
        let error = Self.error(-result, operation: "read from the bus", subject: Self.manager)
        guard case .disconnected = error else { throw error }
        return
      }
    }
  }

  /// Waits for something to arrive, not beyond the deadline.
  func wait(until deadline: ContinuousClock.Instant) throws(SystemdError) {
    let result = sd_bus_wait(handle, deadline.remaining.busMicroseconds)
    guard result < 0, result != -EINTR, isOpen else { return }
    throw Self.error(-result, operation: "read from the bus", subject: Self.manager)
  }

  private func subscribe(_ place: String) throws(SystemdError) {
    do {
      _ = try call(message("Subscribe", operation: "subscribe", subject: place))
    } catch .refused(_, _, let name, _) where name == "org.freedesktop.systemd1.AlreadySubscribed" {
      return
    } catch .refused(_, _, _, let message) {
      throw .noBus(reason: "\(place) refuses: \(message)")
    } catch .failed(_, _, let errno) {
      throw Self.unreachable(place, -errno)
    }
  }

  private static func unreachable(_ place: String, _ result: Int32) -> SystemdError {
    .noBus(reason: "\(place) does not answer: \(String(cString: strerror(-result)))")
  }

  static func error(_ errno: Int32, operation: String, subject: String) -> SystemdError {
    switch errno {
    case ETIMEDOUT: .timedOut(operation: operation, subject: subject)
    case ECONNRESET, ENOTCONN, EPIPE: .disconnected(operation: operation)
    case EPERM, EACCES: .permissionDenied(operation: operation, subject: subject)
    default: .failed(operation: operation, subject: subject, errno: errno)
    }
  }
}

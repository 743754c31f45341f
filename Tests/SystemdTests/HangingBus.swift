import CSystemd
import Glibc

@testable import Systemd

/// A bus that lets a client in, and hangs up on its calls.
enum HangingBus {
  /// - Parameter calls: how many it waits for.
  static func connect(calls: Int) throws -> BusConnection {
    var ends: [Int32] = [0, 0]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else { throw failure }
    let (own, other) = (ends[0], ends[1])
    Task.detached { answer(calls, on: other) }
    var bus: OpaquePointer?
    guard sd_bus_new(&bus) >= 0, let bus, sd_bus_set_fd(bus, own, own) >= 0, sd_bus_start(bus) >= 0 else {
      throw failure
    }
    return BusConnection(adopting: bus, timeout: .seconds(5))
  }

  private static let failure = SystemdError.noBus(reason: "the test's own cannot be made")

  /// Says yes to all that a client asks for (D-Bus specification, "Authentication Protocol"), waits for calls, and ends.
  private static func answer(_ calls: Int, on socket: Int32) {
    defer { close(socket) }
    let yes = "DATA\r\nOK 0123456789abcdef0123456789abcdef\r\nAGREE_UNIX_FD\r\n"
    guard write(socket, yes, yes.utf8.count) > 0 else { return }
    var text: [UInt8] = []
    var bytes = [UInt8](repeating: 0, count: 4096)
    let member = Array("GetUnit".utf8)
    // A call has come when its name has.
    while text.indices.count(where: { text[$0...].starts(with: member) }) < calls {
      let count = read(socket, &bytes, bytes.count)
      guard count > 0 else { return }
      text += bytes.prefix(count)
    }
  }
}

internal import CSystemd

/// A connection to the service manager of this machine, systemd, over D-Bus: the system bus, or as root, where that does
/// not answer, systemd's private socket.
///
/// One thread at a time may use it. All calls wait, none longer than its deadline or the manager's `timeout`. Looking
/// needs no privileges, changing does. It connects again by itself after the connection broke.
public final class ServiceManager {
  /// - Parameter timeout: how long the manager may take to answer one call.
  public init(timeout: Duration = .seconds(25)) throws(SystemdError) {
    throw .noBus(reason: "not implemented")
  }

  /// What the manager says of itself.
  public func properties() throws(SystemdError) -> ManagerProperties {
    throw .noBus(reason: "not implemented")
  }

  /// Makes the manager read all unit files again. Returns when it has.
  public func daemonReload() throws(SystemdError) {
  }
}

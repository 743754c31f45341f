extension Machine {
  /// What kind of machine to boot.
  public struct Configuration: Sendable {
    /// The network that the machine sees.
    public enum Network: String, Sendable {
      /// A loopback of its own and nothing else: nothing in the machine can reach the host or the world.
      case isolated
      /// The host's own network.
      case host
    }

    /// The machine's host name: 1 to 40 of `a-z`, `0-9` and inner `-`. Machines of the same name do not disturb each
    /// other.
    public var name: String
    /// The units that the boot starts and waits for, by full name.
    public var units: [String]
    /// The bytes that the machine may write to its copy of the host's files. Taken from memory as they are written.
    public var memory: Int
    /// The network that the machine sees.
    public var network: Network
    /// Host folders, by absolute path, that the machine sees under the same path, read-only, as they are on the host.
    /// For what the machine would not see by itself: `/tmp` in it is its own. Not under `/run`.
    public var shown: [String]
    /// How long one boot may take until every unit is up.
    public var bootDeadline: Duration

    public init(
      name: String = "rehearsal", units: [String] = ["dbus.service", "redis-server.service"], memory: Int = 2 << 30,
      network: Network = .isolated, shown: [String] = [], bootDeadline: Duration = .seconds(60)
    ) {
      self.name = name
      self.units = units
      self.memory = memory
      self.network = network
      self.shown = shown
      self.bootDeadline = bootDeadline
    }

    func validate() throws(MachineError) {
      let allowed = name.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d }
      guard (1...40).contains(name.utf8.count), allowed, !name.hasPrefix("-"), !name.hasSuffix("-") else {
        throw .invalidName(name)
      }
    }
  }
}

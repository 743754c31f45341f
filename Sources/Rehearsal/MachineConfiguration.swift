extension Machine {
  /// What kind of machine to boot.
  package struct Configuration: Sendable {
    /// The network that the machine sees.
    package enum Network: String, Sendable {
      /// A loopback of its own and nothing else: nothing in the machine can reach the host or the world.
      case isolated
      /// The host's own network.
      case host
    }

    /// How like the host a machine is.
    package enum Likeness: Sendable {
      /// A machine of its own over the host's files: another name, no timer, an empty Redis that keeps every write.
      case none
      /// The host itself without its hardware and its network: its name, its settings, its Redis. What was asked for and
      /// does not come up is told by the state of its unit, not by an error.
      case host
    }

    /// A service of the host's systemd as which the machine runs, so that systemd bounds it and ends all of it, whatever
    /// becomes of this process and of the supervisor.
    package struct Confinement: Sendable {
      /// The service's name in full; no unit of that name may exist.
      package var unit: String
      /// Bytes of memory for all of the machine, its files included; where the host has no memory controller, only the
      /// files are bounded.
      package var memory: Int
      /// How many processes and threads it may have.
      package var tasks = 8192

      package init(unit: String, memory: Int) {
        self.unit = unit
        self.memory = memory
      }
    }

    /// The machine's host name: 1 to 40 of `a-z`, `0-9` and inner `-`. Machines of the same name do not disturb each
    /// other.
    package var name: String
    /// The units that the boot starts and waits for, by full name.
    package var units: [String]
    /// The bytes that the machine may write to its copy of the host's files. Taken from memory as they are written.
    package var memory: Int
    /// The network that the machine sees.
    package var network: Network
    /// Host folders, by absolute path, that the machine sees under the same path, read-only, as they are on the host.
    /// For what the machine would not see by itself: `/tmp` in it is its own. Not under `/run`.
    package var shown: [String]
    /// How long one boot may take until every unit is up.
    package var bootDeadline: Duration
    /// Host folders, by absolute path, that the machine writes to as the host does. For measurements that need a disk.
    package var written: [String] = []
    /// How like the host the machine is.
    package var likeness = Likeness.none
    /// The service as which it runs; nil: it runs below this process.
    package var confinement: Confinement?
    /// The timers that work in it, and in a machine like the host the paths. No others of the host's do.
    package var ownUnits: [String] = []
    /// Of a machine like the host: addresses that its loopback device has, as `ip address` takes them.
    package var addresses: [String] = []
    /// Its host name as it sees itself; nil: its name.
    package var hostName: String?

    package init(
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

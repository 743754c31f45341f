internal import Deployment
internal import Rehearsal

/// A desk, and hosts that it reaches by ssh alone: throwaway machines on a bridge, each in a network of its own.
package struct Fleet: Sendable {
  /// Where a person sits: qtctl, ssh and a key, and nothing else of the project.
  package let desk: Site
  /// Each is reached as `host1`, `host2` …, as root and as the user `deploy`.
  package let hosts: [Site]

  private static let bits = 24
  private static func address(_ number: Int) -> String { "10.77.0.\(10 + number)" }

  /// Boots a fleet, hands it over, and powers it off whatever happens.
  ///
  /// - Parameter isInstalled: whether the hosts have qtctl.
  package static func with<Value: Sendable>(
    name: String, hosts count: Int, isInstalled: Bool = true, _ body: @Sendable (Fleet) async throws -> Value
  ) async throws -> Value {
    try await Site.with(name: "\(name)-desk", units: ["dbus.service"]) { desk in
      var machines: [Machine] = []
      let units = ["dbus.service", "systemd-user-sessions.service", "ssh.service"]
      do {
        for number in 1...count {
          let configuration = Machine.Configuration(
            name: "host\(number)", units: units, shown: [Checkout.root])
          machines.append(try await Machine.boot(configuration))
        }
        let fleet = Fleet(desk: desk, hosts: machines.map { Site(machine: $0) })
        try await fleet.join(isInstalled)
        let value = try await body(fleet)
        for machine in machines { await machine.powerOff() }
        return value
      } catch {
        for machine in machines { await machine.powerOff() }
        throw error
      }
    }
  }

  private func join(_ isInstalled: Bool) async throws {
    try await desk.sh(
      """
      ip link add bridge type bridge; ip addr add \(Self.address(0))/\(Self.bits) dev bridge; ip link set bridge up
      rm -rf /root/.ssh; mkdir -m 700 /root/.ssh; ssh-keygen -q -t ed25519 -N '' -C desk -f /root/.ssh/id_ed25519
      """)
    let key = try await desk.sh("cat /root/.ssh/id_ed25519.pub")
    for (index, host) in hosts.enumerated() {
      let number = index + 1
      try await desk.machine.connect("to\(number)", to: host.machine, "eth0")
      try await desk.sh(
        "ip link set to\(number) master bridge up; echo '\(Self.address(number)) host\(number)' >>/etc/hosts")
      if isInstalled {
        try await host.machine.copyIn(Checkout.program("qtctl"), to: "/usr/local/bin/qtctl", mode: 0o755)
      }
      try await host.sh(
        """
        ip addr add \(Self.address(number))/\(Self.bits) dev eth0; ip link set eth0 up
        id deploy >/dev/null 2>&1 || useradd --create-home --shell /bin/bash deploy
        for home in /root /home/deploy; do rm -rf $home/.ssh; mkdir -m 700 $home/.ssh; done
        """)
      for home in ["/root", "/home/deploy"] {
        try await host.machine.write(key, to: home + "/.ssh/authorized_keys", mode: 0o600)
      }
      try await host.sh("chown -R deploy: /home/deploy/.ssh")
    }
    let names = hosts.indices.map { "host\($0 + 1)" }.joined(separator: " ")
    try await desk.sh(
      "for host in \(names); do until ssh-keyscan -T 2 $host >>/root/.ssh/known_hosts 2>/dev/null && "
        + "grep -q \"^$host \" /root/.ssh/known_hosts; do sleep 0.1; done; done")
  }
}

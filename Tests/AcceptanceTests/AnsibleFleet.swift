import Glibc
import Rehearsal
import Subprocess
import SystemPackage
import TestSupport

/// Hosts with sshd on one bridge, and a controller with Ansible, each a throwaway machine. The bridge and its cables are in
/// the machines' own network namespaces, and so go with them: nothing of it is on this host's network.
struct AnsibleFleet: Sendable {
  let controller: Site
  let hosts: [Site]

  /// Three, or as many as QTCTL_FLEET_HOSTS says, up to nine.
  static let size = min(9, max(3, getenv("QTCTL_FLEET_HOSTS").flatMap { Int(String(cString: $0)) } ?? 3))
  static let names = Array(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"].prefix(size))
  static let home = "/root/fleet"

  static func address(_ index: Int) -> String { "10.231.0.\(index + 1)" }

  /// Boots a fleet, hands it over, and powers it off whatever happens.
  static func with<Value: Sendable>(_ body: @Sendable (AnsibleFleet) async throws -> Value) async throws -> Value {
    let configuration = Machine.Configuration(name: "fleet", units: ["dbus.service"], shown: [Checkout.root])
    return try await withMachine(configuration) { controller in
      var machines: [Machine] = []
      do {
        for name in names {
          machines.append(try await Machine.boot(Machine.Configuration(name: name, units: ["dbus.service"])))
        }
        let fleet = AnsibleFleet(controller: Site(machine: controller), hosts: machines.map(Site.init))
        try await fleet.connect()
        let value = try await body(fleet)
        for machine in machines { await machine.powerOff() }
        return value
      } catch {
        for machine in machines { await machine.powerOff() }
        throw error
      }
    }
  }

  /// Plays a playbook that lies on the controller and returns what Ansible printed and how it ended.
  func play(_ playbook: String, _ options: [String] = [], within limit: Duration = .seconds(240)) async throws -> Play {
    let output = try await controller.machine.run(
      ["\(Checkout.root)/.build/tools/venv/bin/ansible-playbook", "-i", "\(Self.home)/inventory", playbook] + options,
      environment: Self.environment, workingDirectory: Self.home, within: limit)
    return Play(output: output)
  }

  private static let environment = [
    "ANSIBLE_HOME": "\(home)/ansible", "ANSIBLE_COLLECTIONS_PATH": "\(home)/collections", "ANSIBLE_PIPELINING": "1",
    "ANSIBLE_HOST_KEY_CHECKING": "0", "ANSIBLE_NOCOLOR": "1", "ANSIBLE_TIMEOUT": "5", "ANSIBLE_NOCOWS": "1",
    "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3", "LC_ALL": "C.UTF-8",
    "ANSIBLE_SSH_ARGS": "-o ControlMaster=auto -o ControlPersist=60s -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR",
  ]

  /// Lays the cables and starts sshd everywhere.
  private func connect() async throws {
    let hub = try await Self.process(in: controller)
    try await controller.sh(
      """
      mkdir -p -m 700 \(Self.home) /root/.ssh
      ssh-keygen -q -t ed25519 -N '' -f \(Self.home)/key
      ip link add br0 type bridge
      ip address add 10.231.0.254/24 dev br0
      ip link set br0 up
      """)
    let key = try await controller.sh("cat \(Self.home)/key.pub")
    var inventory = "[all:vars]\nansible_user=root\nansible_ssh_private_key_file=\(Self.home)/key\n[shop]\n"
    for (index, host) in hosts.enumerated() {
      let cable = "to\(index + 1)"
      let words = [cable, hub, try await Self.process(in: host)]
      try await Self.here(#"ip link add name "$1" netns "$2" type veth peer name eth0 netns "$3""#, words)
      try await controller.sh("ip link set \(cable) master br0 up")
      try await host.machine.write(key, to: "/root/.ssh/authorized_keys", mode: 0o600)
      try await host.sh(Self.server(Self.address(index)))
      inventory += "\(Self.names[index]) ansible_host=\(Self.address(index))\n"
    }
    try await controller.machine.write(inventory, to: "\(Self.home)/inventory")
  }

  private static func server(_ address: String) -> String {
    """
    ip address add \(address)/24 dev eth0
    ip link set eth0 up
    mkdir -p /run/sshd
    chmod 700 /root /root/.ssh
    usermod -p '*' root
    ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/fleet
    printf '%s\\n' 'HostKey /etc/ssh/fleet' 'UsePAM no' 'UseDNS no' 'PermitRootLogin prohibit-password' \
      'Subsystem sftp internal-sftp' >/etc/ssh/fleet_config
    systemd-run --quiet --unit fleet-sshd /usr/sbin/sshd -D -e -f /etc/ssh/fleet_config
    """
  }

  /// A process of this host that is in the network namespace of a site.
  private static func process(in site: Site) async throws -> String {
    let namespace = try await site.sh("readlink /proc/self/ns/net").split(separator: "\n").joined()
    let found = try await here(
      #"""
      for process in /proc/[0-9]*; do
        [ "$(readlink "$process/ns/net")" != "$1" ] || { echo "${process#/proc/}"; exit 0; }
      done
      exit 1
      """#, [namespace])
    return found.split(separator: "\n").joined()
  }

  /// Runs a script on this host.
  @discardableResult
  private static func here(_ script: String, _ arguments: [String]) async throws -> String {
    let result = try await Subprocess.run(
      .path("/bin/sh"), arguments: Arguments(["-uc", script, "sh"] + arguments),
      output: .string(limit: 1 << 16), error: .string(limit: 1 << 16))
    guard result.terminationStatus.isSuccess else {
      throw SiteError(description: "\(script)\n\(result.standardOutput)\(result.standardError)")
    }
    return result.standardOutput
  }
}

/// One run of ansible-playbook.
struct Play: Sendable, CustomStringConvertible {
  let output: Machine.Output

  var succeeded: Bool { output.succeeded }
  var text: String { output.stdout + output.stderr }
  var description: String { String(text.suffix(6000)) }

  /// What the recap counts for a host under `changed`, `failed`, …; nil where the host is not in it.
  func count(_ key: String, of host: String) -> Int? {
    let recap = text.split(separator: "PLAY RECAP").last ?? ""
    let line = recap.split(separator: "\n").first { $0.hasPrefix("\(host) ") }
    let word = line?.split(separator: " ").first { $0.hasPrefix("\(key)=") }
    return word.flatMap { Int($0.dropFirst(key.count + 1)) }
  }
}

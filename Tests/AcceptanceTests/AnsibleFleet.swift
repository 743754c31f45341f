import Glibc
import Rehearsal
import TestSupport

/// A fleet whose desk has Ansible and an inventory: the controller.
struct AnsibleFleet: Sendable {
  let controller: Site
  let hosts: [Site]

  /// Three, or as many as QTCTL_FLEET_HOSTS says, up to nine.
  static let size = min(9, max(3, getenv("QTCTL_FLEET_HOSTS").flatMap { Int(String(cString: $0)) } ?? 3))
  /// In the inventory; the first is reached as `host1`.
  static let names = Array(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"].prefix(size))
  static let home = "/root/fleet"

  static func address(_ index: Int) -> String { "host\(index + 1)" }

  /// Boots a fleet whose hosts have no qtctl, hands it over, and powers it off whatever happens.
  static func with<Value: Sendable>(_ body: @Sendable (AnsibleFleet) async throws -> Value) async throws -> Value {
    try await Fleet.with(name: "fleet", hosts: size, isInstalled: false) { fleet in
      let lines = names.enumerated().map { "\($1) ansible_host=\(address($0))\n" }.joined()
      try await fleet.desk.machine.write(
        "[all:vars]\nansible_user=root\n[shop]\n" + lines, to: "\(home)/inventory")
      return try await body(AnsibleFleet(controller: fleet.desk, hosts: fleet.hosts))
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

internal import Glibc
internal import Subprocess
internal import SystemPackage

extension Machine {
  /// Joins this isolated machine to another one by a cable: a pair of virtual network devices, one end in each. Neither has
  /// an address yet, nor is it up. Nothing of it is on the host, and it goes with either machine.
  ///
  /// - Parameters:
  ///   - device: the name of the end in this machine.
  ///   - otherDevice: the name of the end in the other one.
  package func connect(_ device: String, to other: Machine, _ otherDevice: String) async throws {
    let there = try await other.networkNamespace()
    let here = try networkNamespace()
    let command = [
      "--net=\(here)", "--", "/usr/sbin/ip", "link", "add", device, "type", "veth", "peer", "name", otherDevice,
      "netns",
      there,
    ]
    let result = try await Subprocess.run(
      .path("/usr/bin/nsenter"), arguments: Arguments(command), environment: .custom(["PATH": Machine.path]),
      input: .none, output: .discarded, error: .string(limit: 1 << 16))
    guard result.terminationStatus.isSuccess else {
      throw MachineError.commandFailed(command: "ip link add", detail: result.standardError)
    }
  }

  /// The path of its network's namespace, for children of this process.
  private func networkNamespace() throws -> String {
    guard let path = current?.namespaces.path("net", owner: getpid()) else { throw MachineError.notRunning }
    return path
  }
}

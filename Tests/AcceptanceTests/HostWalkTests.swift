import FileOperations
import Rehearsal
import TestSupport
import Testing

@Suite("The page about many hosts", .serialized)
struct HostWalkTests {
  private static let folder = "/root/walk"
  private static let tasks = "tasks.yml"

  @Test("works as it is typed, from a machine that has nothing of the project but its packages")
  func walk() async throws {
    let blocks = try Self.blocks()
    #expect(blocks.map(\.kind) == ["sh", "sh", "sh", "sh", "sh", "sh", "sh", "ini", "yaml", "sh", "sh", "yaml"])
    try await Fleet.with(name: "walk", hosts: 2, isInstalled: false) { fleet in
      try await Self.prepare(fleet)
      let host = fleet.hosts[0]
      var files = [Self.tasks, "install.yml", "inventory"]
      for (kind, text) in blocks {
        switch kind {
        case "sh" where text.hasPrefix("echo 'deploy ALL"):
          try await host.sh(text)
        case "sh":
          // Each time there is something new to be deployed.
          let version = String(blocks.prefix { $0.text != text }.count)
          try await Self.write(version, to: fleet.desk)
          let numbers = try await host.sh("ls -t /var/lib/qtctl/runs 2>/dev/null || true").split(separator: "\n")
          try await Self.type(text.replacing("NUMBER", with: numbers.first ?? ""), on: fleet.desk)
        case "ini", "yaml":
          guard let file = files.popLast() else { throw SiteError(description: "nobody says what this is:\n\(text)") }
          try await fleet.desk.machine.write(file == Self.tasks ? Self.play(text) : text, to: "\(Self.folder)/\(file)")
          if file == Self.tasks { try await Self.playTasks(on: fleet.desk) }
        default: Issue.record("a block of \(kind)")
        }
      }
      // The release of the rollout, to which the tasks of the last box have gone back.
      for host in fleet.hosts { #expect(try await PlainRelease.running(host) == "plain 10, active") }
    }
  }

  /// The packages, the names of the page, and a desk on which qtctl comes from its package.
  private static func prepare(_ fleet: Fleet) async throws {
    let home = AnsibleFleet.home
    try await fleet.desk.sh("mkdir -p \(home)")
    try await FleetRelease.prepare(fleet.desk)
    try await fleet.desk.sh(
      """
      mkdir \(folder); mv \(home)/qtctl.deb \(folder)/qtctl_1.0.0_amd64.deb; mv \(home)/built/*.tar.gz \(folder)/
      rm -r \(home) /usr/local/bin/qtctl; dpkg -i \(folder)/qtctl_1.0.0_amd64.deb >/dev/null
      sed -i 's/ host\\([12]\\)$/& web\\1/' /etc/hosts; sed -i 's/^host/web/' /root/.ssh/known_hosts
      """)
    for host in fleet.hosts { try await host.sh("rm -f /usr/bin/qtctl /usr/local/bin/qtctl") }
  }

  private static func write(_ version: String, to desk: Site) async throws {
    try await PlainRelease.write(version, .good, to: desk)
    try await desk.sh("rm -rf \(folder)/release; cp -a \(PlainRelease.folder) \(folder)/release")
  }

  /// Tasks as a play.
  private static func play(_ tasks: String) -> String {
    "- name: Tasks\n  hosts: shop\n  tasks:\n" + tasks.split(separator: "\n").map { "    \($0)\n" }.joined()
  }

  private static func playTasks(on desk: Site) async throws {
    try await write("after", to: desk)
    try await type(
      """
      tar -C release -czf shop.tar.gz .
      for host in web1 web2; do scp -q shop.tar.gz root@$host:/var/cache/qtctl/; done
      ansible-playbook -i inventory \(tasks) | grep -c '^changed:' | grep -x 4
      """, on: desk)
  }

  private static func type(_ text: String, on desk: Site) async throws {
    let run = try await desk.machine.run(
      ["bash", "-euo", "pipefail", "-c", text],
      environment: [
        "PATH": "\(Checkout.root)/.build/tools/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        // The hosts are copies of a machine that may have others.
        "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3", "HOME": "/root", "LC_ALL": "C.UTF-8",
      ], workingDirectory: folder, within: .seconds(120))
    let succeeded = run.succeeded
    #expect(succeeded, "\(text)\n\(run.status)\n\(run.stdout.suffix(4000))\(run.stderr.suffix(2000))")
  }

  /// The page's boxes, each with the word behind its fence.
  private static func blocks() throws -> [(kind: String, text: String)] {
    let text = String(decoding: try Files.read(Checkout.root + "/docs/many-hosts.md"), as: UTF8.self)
    let parts = text.split(separator: "\n```", omittingEmptySubsequences: false)
    return parts.indices.filter { $0 % 2 == 1 }.map { number in
      let kind = parts[number].prefix { $0 != "\n" }
      return (String(kind), parts[number].dropFirst(kind.count + 1) + "\n")
    }
  }
}

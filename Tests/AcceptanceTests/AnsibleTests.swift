import FoundationEssentials
import Rehearsal
import TestSupport
import Testing

@Suite("Ansible rolls a release over hosts", .serialized)
struct AnsibleTests {
  private static let hosts = AnsibleFleet.names
  private static let rollout = "qtctl.qtctl.rollout"
  /// The first alone, then two at a time: a host that fails has a neighbour in its batch and one in an earlier batch.
  private static let batches = ["-e", #"{"rollout_serial": [1, 2]}"#]
  private static let together = ["-e", "rollout_serial=100%"]

  @Test("and all of them have it in the end, or none", .timeLimit(.minutes(10)))
  func life() async throws {
    try await AnsibleFleet.with { fleet in
      try await FleetRelease.prepare(fleet.controller)
      for version in ["1", "2", "3", "5", "6"] { try await FleetRelease.write(version, to: fleet.controller) }
      try await FleetRelease.write("4", stable: "4s", to: fleet.controller)
      try await installsAndDeploys(fleet)
      let modules = try await fleet.play("modules.yml")
      #expect(modules.succeeded && !modules.text.contains("hunter2"), "\(modules)")
      try await showsAPlan(fleet)
      try await putsAllBack(fleet)
      try await refuses(fleet)
      try await looksFirst(fleet)
      try await survivesALostConnection(fleet)
      try await goesOnWithoutAFew(fleet)
    }
  }

  @Test("and its modules know every exit status of the README")
  func exitStatuses() throws {
    func statuses(_ file: String, _ row: Regex<(Substring, Substring)>) throws -> Set<Int> {
      let text = String(decoding: try Data(contentsOf: URL(filePath: "\(Checkout.root)/\(file)")), as: UTF8.self)
      return Set(text.matches(of: row).compactMap { Int($0.1) })
    }
    let readme = try statuses("README.md", #/\n\| ([0-9]+) \| /#)
    #expect(readme.count > 10)
    // Success has no meaning of its own, and the modules run on the host: they know no --host.
    let known = try statuses("ansible/plugins/module_utils/qtctl.py", #/\n    ([0-9]+): "/#)
    #expect(known == readme.subtracting([0, 40, 41]))
  }

  private func rollOut(_ version: String, _ options: [String], on fleet: AnsibleFleet) async throws -> Play {
    // As it is typed where the archive lies.
    try await fleet.play(Self.rollout, ["-e", "rollout_archive=page-\(version).tar.gz"] + options)
  }

  private func installsAndDeploys(_ fleet: AnsibleFleet) async throws {
    for host in fleet.hosts {
      try await host.sh("rm -f /usr/local/bin/qtctl /usr/bin/qtctl")
      if host.machine.configuration.name != "one" {
        try await host.machine.copyIn(Checkout.program("qtctl"), to: "/usr/local/bin/qtctl", mode: 0o755)
      }
      // It is asked for its version and its checks, and answers nothing until it is interrupted.
      try await host.sh(
        "printf '#!/bin/sh\\nexec sleep 60\\n' >/usr/local/bin/endless; chmod 755 /usr/local/bin/endless")
    }
    let options = ["-e", "rollout_archive=\(FleetRelease.archive("1"))"] + Self.together
    let first = try await fleet.play("site.yml", options)
    #expect(first.succeeded, "\(first)")
    for host in Self.hosts { #expect((first.count("changed", of: host) ?? 0) > 0, "\(first)") }
    #expect(try await pages(fleet) == all("page 1"))
    let runs = try await invocations(fleet)

    let second = try await fleet.play("site.yml", options)
    #expect(second.succeeded, "\(second)")
    for host in Self.hosts { #expect(second.count("changed", of: host) == 0, "\(second)") }
    #expect(try await invocations(fleet) == runs)
  }

  private func showsAPlan(_ fleet: AnsibleFleet) async throws {
    let runs = try await invocations(fleet)
    let play = try await rollOut("2", Self.together + ["--check", "--diff"], on: fleet)
    #expect(play.succeeded, "\(play)")
    #expect(
      play.text.contains("install /srv/page/index.html (content ") && play.text.contains("stop page.service"),
      "\(play)")
    for host in Self.hosts { #expect((play.count("changed", of: host) ?? 0) > 0, "\(play)") }
    #expect(try await invocations(fleet) == runs)
    #expect(try await pages(fleet) == all("page 1"))
  }

  /// A release that is bad on the third host, while a client asks all of them.
  private func putsAllBack(_ fleet: AnsibleFleet) async throws {
    try await fleet.hosts[2].sh("touch /etc/refuses-2")
    let client = try await FleetClient.start(on: fleet.controller)
    let play = try await rollOut("2", Self.batches, on: fleet)
    let rounds = try await client.stop()
    #expect(!play.succeeded)
    #expect(play.text.contains("three failed: qtctl deploy: ") && play.text.contains("exit 20: "), "\(play)")
    #expect(play.text.contains("is restored and verified healthy"), "\(play)")
    for host in ["one", "two"] { #expect(play.text.contains("\(host): backup "), "\(play)") }
    for host in Self.hosts.dropFirst(3) { #expect(play.text.contains("\(host) was not changed"), "\(play)") }
    #expect(play.count("failed", of: "three") == 1, "\(play)")
    try await expectAllOld(fleet)
    // One by one it went forth and, but for a batch, back; whoever asked all of them was always answered.
    #expect(rounds.count > 20 && rounds.contains { $0.contains("page 2") }, "\(rounds.suffix(50))")
    #expect(rounds.allSatisfy { round in round.contains { $0 != "" } }, "\(rounds)")
    #expect(Set(rounds.joined()).isSubset(of: ["page 1", "page 2", ""]), "\(Set(rounds.joined()))")
    #expect(rounds.filter { $0.filter { $0 == "" }.count > 2 }.isEmpty, "\(rounds)")
    try await fleet.hosts[2].sh("rm /etc/refuses-2")
  }

  /// Drift on the first, a lock on the second, no space on the third.
  private func refuses(_ fleet: AnsibleFleet) async throws {
    let hosts = fleet.hosts
    try await hosts[0].sh("echo 'page 1 by hand' >>/srv/page/index.html")
    // Whoever holds it is a deploy that waits for its checks.
    try await fleet.controller.sh("scp -q \(FleetRelease.archive("4")) \(AnsibleFleet.address(1)):/root/")
    let holder = try await hosts[1].machine.spawn(
      ["qtctl", "deploy", "--quiet", "--stable", "60s", "/root/page-4.tar.gz"])
    try await hosts[1].wait(for: "curl -sf http://127.0.0.1:8080/ | grep -q 'page 4'")
    try await hosts[2].sh("mkdir -p /opt/page; mount -t tmpfs -o size=64k tmpfs /opt/page")
    let play = try await fleet.play("refused.yml")
    #expect(play.succeeded, "\(play)")

    // The power goes while the second is in its transaction; the next deploy finds that out.
    try await hosts[1].sh("systemctl stop 'qtctl-dead-man-*'")
    holder.kill()
    _ = try? await holder.output()
    try await hosts[2].sh("umount /opt/page")
  }

  /// What a host has against a release is found before any host is changed; then all is well.
  private func looksFirst(_ fleet: AnsibleFleet) async throws {
    let options = Self.together + ["-e", "rollout_accept_drift=true"]
    try await fleet.hosts[0].sh("mkdir -p /opt/page; mount -t tmpfs -o size=64k tmpfs /opt/page")
    let full = try await rollOut("3", options, on: fleet)
    #expect(full.count("failed", of: "one") == 1 && full.text.contains("in reserve are needed"), "\(full)")
    #expect(!full.text.contains("PLAY [Roll the release out]"), "\(full)")
    try await fleet.hosts[0].sh("umount /opt/page")

    try await fleet.hosts[2].sh("systemctl stop ssh; pkill -f '^sshd: root' || true")
    let away = try await rollOut("3", options, on: fleet)
    #expect(!away.succeeded && away.count("unreachable", of: "three") == 1, "\(away)")
    #expect(!away.text.contains("PLAY [Roll the release out]"), "\(away)")
    #expect(try await pages(fleet)[2] == "page 1")
    try await fleet.hosts[2].sh("systemctl start ssh")

    let well = try await rollOut("3", options, on: fleet)
    #expect(well.succeeded, "\(well)")
    #expect(well.text.contains("an interrupted transaction was undone first"), "\(well)")
    #expect(try await pages(fleet) == all("page 3"))
  }

  /// ssh is killed in the middle of a deploy: it ends all the same, and is undone with the others.
  private func survivesALostConnection(_ fleet: AnsibleFleet) async throws {
    let second = fleet.hosts[1]
    async let cut: Void = {
      try await second.wait(for: "curl -sf http://127.0.0.1:8080/ | grep -q 'page 4'", within: .seconds(60))
      try await second.sh("pkill -9 -f '^sshd: root'")
    }()
    let play = try await rollOut("4", Self.batches, on: fleet)
    try await cut
    #expect(!play.succeeded && play.text.contains("two failed: "), "\(play)")
    #expect(play.text.contains("two: backup ") && !play.text.contains("NOT known"), "\(play)")
    #expect(try await pages(fleet) == all("page 3"))
    #expect(try await second.sh("qtctl history").contains("rolled back"))
    let verified = try await second.qtctl("verify")
    #expect(verified.exit == 0, "\(verified)")
  }

  /// As many as may fail keep what they had, and the others go on; one more, and all go back.
  private func goesOnWithoutAFew(_ fleet: AnsibleFleet) async throws {
    let options = Self.together + ["-e", "rollout_max_fail_percentage=\(100 / AnsibleFleet.size + 1)"]
    let (second, third) = (fleet.hosts[1], fleet.hosts[2])
    try await third.sh("touch /etc/refuses-5 /etc/refuses-6")
    let without = try await rollOut("5", options, on: fleet)
    #expect(!without.succeeded && without.text.contains("the rollout goes on without them"), "\(without)")
    for host in Self.hosts { #expect(without.count("failed", of: host) == (host == "three" ? 1 : 0), "\(without)") }
    var expected = all("page 5")
    expected[2] = "page 3"
    #expect(try await pages(fleet) == expected)
    let verified = try await third.qtctl("verify")
    #expect(verified.exit == 0, "\(verified)")

    // Once the host is repaired, it is to have a release that failed on it.
    try await third.sh("rm /etc/refuses-5")
    let kept = try await rollOut("5", options, on: fleet)
    #expect(!kept.succeeded && kept.text.contains("deploy with --again"), "\(kept)")
    let again = try await rollOut("5", options + ["-e", "rollout_again=true"], on: fleet)
    #expect(again.succeeded && again.count("changed", of: "one") == 0, "\(again)")
    #expect(try await pages(fleet) == all("page 5"))

    try await second.sh("touch /etc/refuses-6")
    let back = try await rollOut("6", options, on: fleet)
    #expect(!back.succeeded && back.text.contains("one: backup "), "\(back)")
    for host in ["two", "three"] { #expect(back.count("failed", of: host) == 1, "\(back)") }
    #expect(try await pages(fleet) == all("page 5"))
    for host in fleet.hosts { #expect(try await host.qtctl("verify").exit == 0) }
  }

  private func expectAllOld(_ fleet: AnsibleFleet) async throws {
    #expect(try await pages(fleet) == all("page 1"))
    for (name, host) in zip(Self.hosts, fleet.hosts) {
      let run = try await host.qtctl("verify")
      #expect(run.exit == 0, "\(name): \(run)")
    }
  }

  private func all(_ page: String) -> [String] { Array(repeating: page, count: AnsibleFleet.size) }

  private func pages(_ fleet: AnsibleFleet) async throws -> [String] {
    var pages: [String] = []
    for host in fleet.hosts {
      pages.append(try await host.sh("curl -s http://127.0.0.1:8080/").split(separator: "\n").joined(separator: "|"))
    }
    return pages
  }

  private func invocations(_ fleet: AnsibleFleet) async throws -> [String] {
    var runs: [String] = []
    for host in fleet.hosts { runs.append(try await host.sh("systemctl show -P InvocationID page.service")) }
    return runs
  }
}

/// Asks every host of a fleet, over and over.
private struct FleetClient {
  let site: Site
  let process: BackgroundProcess

  static let script = """
    import http.client, sys, time
    from concurrent.futures import ThreadPoolExecutor
    def ask(host):
        try:
            connection = http.client.HTTPConnection(host, 8080, timeout=1)
            connection.request("GET", "/")
            return connection.getresponse().read().decode().strip()
        except OSError:
            return ""
    with ThreadPoolExecutor(len(sys.argv) - 1) as pool:
        while True:
            print("|".join(pool.map(ask, sys.argv[1:])), file=open("\(AnsibleFleet.home)/rounds", "a"))
            time.sleep(0.1)
    """

  static func start(on site: Site) async throws -> FleetClient {
    let addresses = (0..<AnsibleFleet.size).map { AnsibleFleet.address($0) }
    return FleetClient(
      site: site, process: try await site.machine.spawn(["/usr/bin/python3", "-c", script] + addresses))
  }

  /// What it was answered, round by round, host by host; nothing where it was not.
  func stop() async throws -> [[String]] {
    process.kill()
    return try await site.sh("cat \(AnsibleFleet.home)/rounds").split(separator: "\n")
      .map { $0.split(separator: "|", omittingEmptySubsequences: false).map(String.init) }
      .filter { $0.count == AnsibleFleet.size }
  }
}

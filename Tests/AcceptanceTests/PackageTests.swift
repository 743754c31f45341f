import Rehearsal
import TestSupport
import Testing

/// Each step is one that an operator takes, in this order, on one machine.
@Suite("The Debian package")
struct PackageTests {
  @Test(
    "is installed, deploys as the README says, is upgraded, and leaves backups and history when it goes",
    .timeLimit(.minutes(15)))
  func life() async throws {
    try await TemporaryFolder.with { folder in
      try await Packages.build(in: folder)
      let configuration = Machine.Configuration(name: "package", units: ["dbus.service"], shown: [Checkout.root])
      try await withMachine(configuration) { machine in
        let site = Site(machine: machine)
        for name in ["old", "new"] { try await machine.copyIn(folder["\(name).deb"], to: "/root/\(name).deb") }
        try await site.sh("rm -f /usr/local/bin/qtctl")
        try await install("old", on: site)
        #expect(try await site.sh("dpkg-query -W -f '${Version}' qtctl") == "0.9.0")
        try await firstDeploy(site)
        let run = try await site.sh("systemctl show -P InvocationID hello.service")
        let history = try await site.sh("cat /var/lib/qtctl/history.jsonl")

        try await install("new", on: site)
        #expect(try await site.sh("qtctl --version").hasPrefix("qtctl 1."))
        #expect(try await site.sh("systemctl show -P InvocationID hello.service") == run)
        #expect(try await site.sh("cat /var/lib/qtctl/history.jsonl") == history)
        let explained = try await site.sh("journalctl --list-catalog | grep -c ' qtctl: '")
        #expect(try await site.sh("grep -c '^-- ' /usr/lib/systemd/catalog/qtctl.catalog") == explained)
        try await goBack(site)
        let stamps = try await site.sh("ls /var/backups/qtctl").split(separator: "\n").map(String.init)
        let faults = try await ShellCompletions.faults(site, stamps: stamps, unit: "hello.service", name: "hello")
        #expect(faults == "", "\(faults)")
        try await remove(site)
      }
    }
  }

  private func install(_ name: String, on site: Site) async throws {
    try await site.sh("DEBIAN_FRONTEND=noninteractive apt-get install -y /root/\(name).deb", within: .seconds(120))
    #expect(try await site.sh("systemctl is-enabled qtctl-recover.service || true") == "static\n")
    #expect(try await site.sh("systemctl list-dependencies --plain basic.target").contains("qtctl-recover.service"))
  }

  /// The blocks of the README, word for word.
  private func firstDeploy(_ site: Site) async throws {
    let blocks = try Readme.blocks()
    let first = try await site.machine.run(["bash", "-ec", blocks.first], within: .seconds(60))
    #expect(first.succeeded && first.stdout.contains("is deployed and verified"), "\(first.stdout)\(first.stderr)")
    #expect(try await page(site) == "hello, release 1\n")
    let broken = try await site.machine.run(
      ["bash", "-ec", blocks.broken], workingDirectory: "/root/hello", within: .seconds(60))
    #expect(broken.succeeded && broken.stdout.contains("exit 20\n"), "\(broken.stdout)\(broken.stderr)")
    #expect(broken.stdout.contains("undone"), "\(broken.stdout)")
    #expect(try await page(site) == "hello, release 1\n")
  }

  private func goBack(_ site: Site) async throws {
    try await site.sh(
      "cd /root/hello; sed -i 's/80a80/8080/' hello.service; echo 'hello, release 3' >index.html; qtctl deploy",
      within: .seconds(60))
    #expect(try await page(site) == "hello, release 3\n")
    try await site.sh("qtctl rollback && qtctl status && qtctl verify", within: .seconds(60))
    #expect(try await page(site) == "hello, release 1\n")
  }

  private func remove(_ site: Site) async throws {
    let kept = "/var/lib/qtctl/history.jsonl /var/backups/qtctl/*/backup.json"
    let before = try await site.sh("sha256sum \(kept)")
    let unfinished = try await site.machine.run(
      ["sh", "-c", "touch /var/lib/qtctl/transaction.jsonl; apt-get remove -y qtctl"], within: .seconds(60))
    #expect(!unfinished.succeeded && (unfinished.stdout + unfinished.stderr).contains("run 'qtctl recover'"))
    try await site.sh("rm /var/lib/qtctl/transaction.jsonl")
    for verb in ["remove", "purge"] {
      try await site.sh("DEBIAN_FRONTEND=noninteractive apt-get \(verb) -y qtctl", within: .seconds(60))
      #expect(try await site.sh("command -v qtctl || echo gone") == "gone\n")
      #expect(try await site.sh("sha256sum \(kept)") == before)
      #expect(try await page(site) == "hello, release 1\n")
    }
    #expect(try await site.sh("journalctl --list-catalog | grep -c ' qtctl: ' || true") == "0\n")
    try await install("new", on: site)
    #expect(try await site.sh("qtctl history").contains("rolled back"))
  }

  private func page(_ site: Site) async throws -> String {
    try await site.sh(
      "python3 -c 'import urllib.request as u; print(u.urlopen(\"http://127.0.0.1:8080/\").read().decode(), end=\"\")'")
  }
}

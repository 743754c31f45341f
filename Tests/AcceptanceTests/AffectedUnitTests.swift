import Deployment
import Rehearsal
import TestSupport
import Testing

@Suite("Units that use a changed file, and those that hang together with them")
struct AffectedUnitTests {
  /// A program of two units, an environment file of the second, a third that uses neither.
  private static let shared = CaseRelease(
    name: "shared",
    services: [
      ("sh-a.service", [("app", "/usr/local/bin/sh-app"), ("a.service", CaseRelease.units + "/sh-a.service")]),
      ("sh-b.service", [("b.service", CaseRelease.units + "/sh-b.service"), ("conf", "/etc/sh-c.conf")]),
      ("sh-c.service", [("c.service", CaseRelease.units + "/sh-c.service"), ("env", "/etc/sh-b.env")]),
    ],
    files: [
      "app": CaseRelease.program, "env": "A=VERSION\n", "conf": "same\n",
      "a.service": CaseRelease.service("/usr/local/bin/sh-app"),
      "b.service": CaseRelease.service(
        "/bin/sh -c 'exec /usr/local/bin/sh-app'", service: "Type=exec\nEnvironmentFile=/etc/sh-b.env"),
      "c.service": CaseRelease.service("/bin/sleep infinity"),
    ])

  @Test(
    "are restarted whoever lists it, each with its reason, and back by rollback and restore.sh; others are left alone")
  func shared() async throws {
    try await Site.with(name: "shared") { site in
      let release = Self.shared
      try await release.write(to: site)
      #expect(try await release.deploy(1, on: site).exit == 0)
      try await site.sh(
        "printf '[Service]\\nExecStart=/usr/local/bin/sh-app\\n' >/run/systemd/system/sh-other.service; "
          + "systemctl daemon-reload; systemctl start sh-other")
      let plan = try await site.qtctl("deploy", "--dry-run", release.folder(2))
      let reasons = plan.steps.filter { $0.name.hasPrefix("start ") }.map { "\($0.name): \($0.detail)" }
      #expect(reasons.contains { $0.hasPrefix("start sh-b.service") && $0.contains("ExecStart=") }, "\(reasons)")
      let before = try await site.invocations("sh-a", "sh-b", "sh-c")
      let second = try await release.deploy(2, on: site)
      #expect(second.exit == 0, "\(second)")
      #expect(second.steps.contains { $0.detail.contains("sh-other.service") }, "\(second.steps)")
      let after = try await site.invocations("sh-a", "sh-b", "sh-c")
      #expect(before[0] != after[0] && before[1] != after[1] && before[2] != after[2])
      #expect(
        try await site.sh("tr '\\0' '\\n' </proc/$(systemctl show -P MainPID sh-b)/environ | grep ^A=") == "A=2\n")

      // Only what uses the environment file.
      try await site.sh("cd \(release.folder(2)); echo A=3 >env; sed -i s/2/2/ app")
      #expect(try await release.deploy(2, on: site).exit == 0)
      let third = try await site.invocations("sh-a", "sh-b")
      #expect(after[0] == third[0] && after[1] != third[1])

      #expect(try await release.rollBack(on: site).exit == 0)
      let stamp = try #require(second.stamp)
      try await site.sh("sh /var/backups/shared/\(stamp)/restore.sh")
      #expect(try await site.sh("grep -c '# 1' /usr/local/bin/sh-app") == "1\n")
      #expect(try await site.active("sh-a", "sh-b", "sh-c") == "active active active")
    }
  }

  @Test(
    "are restarted where they run something older than what was copied there by hand and is what the release brings")
  func copiedByHand() async throws {
    try await Site.with(name: "by-hand-copied") { site in
      let release = Self.shared
      try await release.write(to: site)
      #expect(try await release.deploy(1, on: site).exit == 0)
      try await site.sh("sleep 0.2; cp \(release.folder(2))/env /etc/sh-b.env")
      let before = try await site.invocations("sh-a", "sh-b", "sh-c")
      try await site.sh("cd \(release.folder(1)); cp app a.service b.service c.service conf \(release.folder(2))/")
      let second = try await release.deploy(2, on: site)
      #expect(second.exit == 0 && second.outcome == .deployed, "\(second)")
      let after = try await site.invocations("sh-a", "sh-b", "sh-c")
      #expect(before[0] == after[0] && before[1] != after[1] && before[2] == after[2])
      let third = try await release.deploy(2, on: site)
      #expect(third.outcome == .unchanged, "\(third)")
    }
  }

  @Test("that conflict with a new one are named in the plan, and back where the deploy fails")
  func conflicts() async throws {
    try await Site.with(name: "conflicts") { site in
      let release = CaseRelease(
        name: "rival",
        services: [("ri.service", [("app", "/usr/local/bin/ri"), ("ri.service", CaseRelease.units + "/ri.service")])],
        files: [
          "app": "#!/bin/sh\n[ VERSION = 2 ] || exit 1\nexec sleep infinity\n",
          "ri.service": CaseRelease.service("/usr/local/bin/ri", unit: "Conflicts=ri-old.service"),
        ])
      try await release.write(to: site)
      try await site.sh(
        "printf '[Service]\\nExecStart=/bin/sleep infinity\\n' >/run/systemd/system/ri-old.service; "
          + "systemctl daemon-reload; systemctl start ri-old")
      let failed = try await release.deploy(1, on: site)
      #expect(failed.exit == 20, "\(failed)")
      #expect(failed.steps.contains { $0.detail.contains("ri-old.service stops when ri.service starts") })
      #expect(try await site.active("ri-old") == "active")
      #expect(try await release.deploy(2, on: site).exit == 0)
      #expect(try await site.active("ri-old", "ri") == "inactive active")
    }
  }

  @Test("run again after a deploy, its undo and restore.sh; what a timer or a socket would start waits")
  func neighbours() async throws {
    try await Site.with(name: "neighbours") { site in
      var release = CaseRelease(
        name: "hub",
        services: [("nb.service", [("app", "/usr/local/bin/nb"), ("nb.service", CaseRelease.units + "/nb.service")])],
        files: ["app": CaseRelease.program, "nb.service": CaseRelease.service("/usr/local/bin/nb")])
      try await release.write(to: site)
      try await site.sh(
        """
        cd \(CaseRelease.units); s='[Service]\\nExecStart=/bin/sleep infinity\\n'
        printf "[Unit]\\nRequires=nb.service\\nAfter=nb.service\\n$s" >nb-requires.service
        printf "[Unit]\\nPartOf=nb.service\\n$s" >nb-part.service
        printf "[Unit]\\nBindsTo=nb-requires.service\\nAfter=nb-requires.service\\n$s" >nb-far.service
        printf '[Timer]\\nOnActiveSec=200ms\\nOnUnitInactiveSec=200ms\\nAccuracySec=10ms\\n' >nb.timer
        printf '[Unit]\\nRequires=nb.service\\n[Service]\\nExecStart=/bin/sleep infinity\\n' >nb-down.service
        systemctl daemon-reload
        """)
      #expect(try await release.deploy(1, on: site).exit == 0)
      try await site.sh("systemctl daemon-reload; systemctl start nb-requires nb-part nb-far nb.timer")
      let units = ["nb-requires", "nb-part", "nb-far", "nb.timer", "nb"].joined(separator: " ")
      let up = "active active active active active"
      let second = try await release.deploy(2, on: site)
      #expect(second.exit == 0, "\(second)")
      #expect(try await site.active(units) == up)
      #expect(try await site.active("nb-down") == "inactive")
      // The new release fails.
      try await site.sh("cd \(release.folder(2)); printf '#!/bin/sh\\nexit 3\\n' >app")
      let failed = try await release.deploy(2, on: site)
      #expect(failed.exit == 20, "\(failed)")
      #expect(try await site.active(units) == up)
      try await site.sh("sh /var/backups/hub/\(try #require(second.stamp))/restore.sh")
      #expect(try await site.active(units) == up)
      release.start = "together"
      try await release.write(to: site)
      #expect(try await site.qtctl("deploy", release.folder(2), "--accept-drift").exit == 0)
      #expect(try await site.active(units) == up)
    }
  }
}

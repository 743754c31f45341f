import Deployment
import Rehearsal
import TestSupport
import Testing

@Suite("Units of every kind")
struct UnitKindTests {
  private static func one(_ name: String, unit: String? = nil, _ files: [(String, String, String)]) -> CaseRelease {
    CaseRelease(
      name: name, services: [(unit ?? "\(name).service", files.map { ($0.0, $0.1) })],
      files: Dictionary(files.map { ($0.0, $0.2) }) { first, _ in first })
  }

  /// The release is deployed twice and rolled back.
  private func run(_ release: CaseRelease, on site: Site) async throws {
    try await release.write(to: site)
    for version in [1, 2] {
      let deployed = try await release.deploy(version, on: site)
      #expect(deployed.exit == 0, "\(release.name) v\(version): \(deployed)")
    }
    let back = try await release.rollBack(on: site)
    #expect(back.exit == 0, "\(release.name): \(back)")
  }

  @Test(
    "can be deployed and rolled back: oneshots that stay, templates, linked and generated units, timers, Windows lines")
  func kinds() async throws {
    try await Site.with(name: "kinds") { site in
      let units = CaseRelease.units
      try await run(
        Self.one(
          "stay",
          [
            ("job", "/usr/local/bin/stay-job", "#!/bin/sh\necho VERSION >>/run/stay\n"),
            (
              "stay.service", units + "/stay.service",
              CaseRelease.service("/usr/local/bin/stay-job", service: "Type=oneshot\nRemainAfterExit=yes")
            ),
          ]), on: site)
      #expect(try await site.sh("cat /run/stay") == "1\n2\n1\n")

      try await run(
        Self.one(
          "tmpl", unit: "tmpl@a.service",
          [
            ("app", "/usr/local/bin/tmpl", CaseRelease.program),
            ("tmpl@.service", units + "/tmpl@.service", CaseRelease.service("/usr/local/bin/tmpl %i")),
          ]), on: site)
      #expect(try await site.sh("systemctl is-enabled tmpl@a.service") == "enabled\n")

      try await site.sh(
        """
        mkdir -p /etc/systemd/system-generators /etc/containers/systemd
        cat >/etc/systemd/system-generators/quadlet <<'G'
        #!/bin/sh
        for f in /etc/containers/systemd/*.container; do [ -f "$f" ] || continue
        sed 's/^.Container.$/[Service]/' "$f" >"$1/$(basename "$f" .container).service"; done
        G
        chmod 755 /etc/systemd/system-generators/quadlet
        """)
      try await run(
        Self.one(
          "made",
          [
            (
              "made.container", "/etc/containers/systemd/made.container",
              "[Container]\nEnvironment=V=VERSION\nExecStart=/bin/sleep infinity\n"
            )
          ]), on: site)
      #expect(
        try await site.sh("tr '\\0' '\\n' </proc/$(systemctl show -P MainPID made)/environ | grep ^V=") == "V=1\n")

      let windows = CaseRelease.service("/usr/local/bin/crlf", service: "Type=exec\nEnvironment=V=VERSION")
      try await run(
        Self.one(
          "crlf",
          [
            ("app", "/usr/local/bin/crlf", CaseRelease.program),
            ("crlf.service", units + "/crlf.service", windows.replacing("\n", with: "\r\n")),
          ]), on: site)

      try await site.sh("rm -f /run/tick")
      try await run(
        Self.one(
          "tick", unit: "tick.timer",
          [
            ("job", "/usr/local/bin/tick", "#!/bin/sh\necho VERSION >>/run/tick\n"),
            (
              "tick.service", units + "/tick.service",
              "[Unit]\nStartLimitIntervalSec=0\n[Service]\nType=oneshot\nExecStart=/usr/local/bin/tick\n"
            ),
            (
              "tick.timer", units + "/tick.timer",
              "[Timer]\nOnActiveSec=500ms\nOnUnitActiveSec=500ms\nAccuracySec=50ms\n[Install]\nWantedBy=timers.target\n"
            ),
          ]), on: site)
      try await site.sh("sleep 2; systemctl stop tick.timer")
      // In this order, without a run of the other version in between.
      #expect(try await site.sh("uniq /run/tick") == "1\n2\n1\n")
    }
  }

  @Test("take back what their Also= enabled when a first deploy fails, and leave what was enabled before")
  func alsoEnabled() async throws {
    try await Site.with(name: "also") { site in
      let release = Self.one(
        "al",
        [
          ("app", "/usr/local/bin/al", "#!/bin/sh\nexit 1\n"),
          (
            "al.service", CaseRelease.units + "/al.service",
            CaseRelease.service("/usr/local/bin/al") + "Also=al-new.service al-old.service\n"
          ),
        ])
      try await release.write(to: site)
      try await site.sh(
        """
        for u in new old; do printf '[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n' \
          >\(CaseRelease.units)/al-$u.service; done
        systemctl daemon-reload; systemctl enable -q al-old
        """)
      let run = try await release.deploy(1, on: site)
      #expect(run.exit == 20, "\(run)")
      #expect(try await site.sh("systemctl is-enabled al-new al-old || true") == "disabled\nenabled\n")
    }
  }

  @Test("share a file of the same content with another manifest: the one that drops it leaves it to the other")
  func sharedWithAnother() async throws {
    try await Site.with(name: "both-own") { site in
      func release(_ name: String) -> CaseRelease {
        Self.one(
          name,
          [
            ("app", "/usr/local/bin/\(name)", CaseRelease.program), ("conf", "/etc/both.conf", "same\n"),
            ("\(name).service", CaseRelease.units + "/\(name).service", CaseRelease.service("/usr/local/bin/\(name)")),
          ])
      }
      for name in ["one", "two"] {
        try await release(name).write(to: site)
        #expect(try await release(name).deploy(1, on: site).exit == 0)
      }
      try await site.sh("sed -i '/both.conf/d' \(release("one").folder(2))/qtctl.yaml")
      let dropped = try await release("one").deploy(2, on: site)
      #expect(dropped.exit == 0, "\(dropped)")
      #expect(try await site.sh("cat /etc/both.conf") == "same\n")
      #expect(try await site.qtctl("verify", "--name", "two").exit == 0)
    }
  }

  @Test("have a service started anew with a socket that listens elsewhere, listed or not")
  func changedSocket() async throws {
    try await Site.with(name: "socket") { site in
      let units = CaseRelease.units
      let server = """
        #!/usr/bin/python3
        import socket
        listener = socket.fromfd(3, socket.AF_INET, socket.SOCK_STREAM)
        while True: listener.accept()[0].close()

        """
      let release = Self.one(
        "sk", unit: "sk.socket", [("sk.socket", units + "/sk.socket", "[Socket]\nListenStream=127.0.0.1:841VERSION\n")])
      try await release.write(to: site)
      try await site.machine.write(server, to: "/usr/local/bin/sk", mode: 0o755)
      try await site.machine.write("[Service]\nExecStart=/usr/local/bin/sk\n", to: units + "/sk.service")
      try await site.sh("systemctl daemon-reload")
      #expect(try await release.deploy(1, on: site).exit == 0)
      try await site.sh(
        "python3 -c 'import socket; socket.create_connection((\"127.0.0.1\", 8411)).close()'; sleep 0.5; systemctl is-active sk.service"
      )
      let second = try await release.deploy(2, on: site)
      #expect(second.exit == 0, "\(second)")
      #expect(try await site.sh("ss -tlnH | grep -o '127.0.0.1:841[0-9]'") == "127.0.0.1:8412\n")
      #expect(try await site.active("sk.socket", "sk.service") == "active active")
      let back = try await release.rollBack(on: site)
      #expect(back.exit == 0, "\(back)")
      #expect(try await site.sh("ss -tlnH | grep -o '127.0.0.1:841[0-9]'") == "127.0.0.1:8411\n")
    }
  }

  @Test("are told by verify where they run and the manifest wants them stopped")
  func runsThoughStopped() async throws {
    try await Site.with(name: "stopped") { site in
      let release = Self.one(
        "idle",
        [
          ("app", "/usr/local/bin/idle", CaseRelease.program),
          ("idle.service", CaseRelease.units + "/idle.service", CaseRelease.service("/usr/local/bin/idle")),
        ])
      try await release.write(to: site)
      try await site.sh("sed -i 's/- unit: idle.service/&\\n    state: stopped/' \(release.folder(1))/qtctl.yaml")
      let first = try await release.deploy(1, on: site)
      #expect(first.exit == 0, "\(first)")
      #expect(try await site.active("idle") == "inactive")
      try await site.sh("systemctl start idle")
      let verify = try await site.qtctl("verify", "--name", "idle")
      #expect(verify.exit == 30 && verify.message.contains("unit.active"), "\(verify)")
    }
  }

  @Test("are refused before anything is touched where they cannot be stopped, waited for or told apart")
  func refusals() async throws {
    try await Site.with(name: "refused") { site in
      let units = CaseRelease.units
      let faults: [(name: String, word: String, script: String)] = [
        (
          "manual", "RefuseManualStop", "sed -i '1a RefuseManualStop=yes' \(units)/ref.service; systemctl daemon-reload"
        ),
        (
          "twice", "two names",
          "ln -s ref.service \(units)/other.service; systemctl daemon-reload; "
            + "sed -i 's/^backups/  - unit: other.service\\nbackups/' /root/cases/ref/v2/qtctl.yaml"
        ),
        ("mount", "mount point", "cp /usr/local/bin/ref /root/x; mount --bind /root/x /usr/local/bin/ref"),
        (
          "owner", "belongs to 'first'",
          "sed 's/\"name\":\"ref\"/\"name\":\"first\"/; s/\"name\" : \"ref\"/\"name\" : \"first\"/' "
            + "/var/lib/qtctl/installed/ref.json >/var/lib/qtctl/installed/first.json"
        ),
      ]
      for fault in faults {
        let release = Self.one(
          "ref",
          [
            ("app", "/usr/local/bin/ref", CaseRelease.program),
            ("ref.service", units + "/ref.service", CaseRelease.service("/usr/local/bin/ref")),
          ])
        try await release.write(to: site)
        let first = try await site.qtctl("deploy", release.folder(1), "--accept-drift")
        #expect(first.exit == 0, "\(fault.name): \(first)")
        try await site.sh(fault.script)
        let before = try await site.invocations("ref")
        let run = try await site.qtctl("deploy", release.folder(2), "--accept-drift")
        #expect(run.exit == 14 && run.message.contains(fault.word), "\(fault.name): \(run)")
        #expect(try await site.invocations("ref") == before)
        try await site.sh(
          "umount /usr/local/bin/ref 2>/dev/null || true; rm -f \(units)/other.service /var/lib/qtctl/installed/first.json; "
            + "sed -i /RefuseManual/d \(units)/ref.service; systemctl daemon-reload")
      }
    }
  }
}

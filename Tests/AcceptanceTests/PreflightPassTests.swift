import Deployment
import Rehearsal
import TestSupport
import Testing

/// A false refusal is as bad as a missed one.
@Suite("Preflight lets pass")
struct PreflightPassTests {
  @Test("units as hardened as can be, with what systemd makes for them when they start")
  func sound() async throws {
    try await Site.with(name: "preflight-pass") { site in
      for (name, lines) in Self.units {
        try await PlainRelease.write(name, .good, to: site)
        try await site.sh(
          """
          cd \(PlainRelease.folder)
          cat > more
          sed -i -e '/^ExecStart/r more' -e '/^ExecStart=/d' plain.service
          """, input: lines)
        let run = try await site.qtctl("deploy", PlainRelease.folder)
        #expect(run.exit == 0, "\(name): \(run)")
        #expect(try await site.sh("ls /run /run/systemd/system | grep qtctl || true") == "")
      }
    }
  }

  @Test("the shipped units of the trading services")
  func shipped() async throws {
    try await Site.with(name: "preflight-shipped") { site in
      let folder = "/root/quantum"
      for name in ["quantum-execution", "quantum-ai-strategy-router"] {
        try await site.machine.copyIn("\(Checkout.root)/units/\(name).service", to: "\(folder)/units/\(name).service")
        let program = "\(folder)/.build/release/\(name)"
        try await site.machine.write("#!/bin/sh\nexec sleep infinity\n", to: program, mode: 0o755)
        // A script cannot do what their types ask for; all else is as it ships.
        try await site.sh("sed -i -e 's/^Type=.*/Type=exec/' -e '/^WatchdogSec/d' \(folder)/units/\(name).service")
      }
      for name in ["qtctl.yaml", "execution.env", "router.env"] {
        try await site.machine.copyIn("\(Checkout.root)/units/\(name)", to: "\(folder)/units/\(name)")
      }
      try await site.sh(
        "cd \(folder)/units; sed -i '/^verify:/,$d' qtctl.yaml; echo 'verify: {stable: 1s}' >> qtctl.yaml")
      for version in ["1", "2"] {
        try await site.sh("cd \(folder)/units; for unit in *.service; do echo '# \(version)' >> $unit; done")
        let run = try await site.qtctl("deploy", folder + "/units")
        #expect(run.exit == 0, "\(run)")
      }
    }
  }

  private static let units = [
    (
      "dynamic user with its own state",
      """
      ExecStart=/usr/local/bin/plain --state=/var/lib/plain/state.db --pid=/run/plain/pid /etc/plain/plain.conf
      DynamicUser=yes
      StateDirectory=plain
      RuntimeDirectory=plain
      WorkingDirectory=/var/lib/plain
      ProtectSystem=strict
      ProtectHome=yes
      PrivateUsers=yes
      PrivateDevices=yes
      ProtectProc=invisible
      ProtectKernelModules=yes
      NoExecPaths=/opt
      CapabilityBoundingSet=
      MemoryDenyWriteExecute=yes
      RestrictNamespaces=yes
      SystemCallFilter=@system-service

      """
    ),
    (
      "a user, variables, specifiers and what may be absent",
      """
      ExecStart=/usr/local/bin/%p $OPTIONS "/etc/%N/plain.conf" --log=/var/log/plain.log
      ExecStartPre=-/usr/local/bin/not-there
      ExecStartPre=+/bin/true /etc/shadow
      EnvironmentFile=-/etc/plain/absent.env
      EnvironmentFile=/etc/default/*
      WorkingDirectory=-/nowhere
      User=daemon
      Group=adm
      SupplementaryGroups=shadow
      BindReadOnlyPaths=/etc/passwd:/srv/plain/not/there
      InaccessiblePaths=-/nowhere

      """
    ),
    (
      "a command without a path, and a user by number",
      """
      ExecStart=sh /usr/local/bin/plain
      User=2
      PrivateTmp=yes
      ReadWritePaths=-/var/lib/nowhere

      """
    ),
  ]
}

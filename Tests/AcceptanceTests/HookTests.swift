import Deployment
import Glibc
import Rehearsal
import TestSupport
import Testing

@Suite("Reloads and hooks on a machine")
struct HookTests {
  @Test("a reload keeps the process and puts the configuration in force; one that fails is undone")
  func reload() async throws {
    try await Site.with(name: "reload") { site in
      try await HookRelease.write("1", hooks: nil, to: site)
      let first = try await HookRelease.deploy(to: site)
      #expect(first.exit == 0, "\(first)")
      let before = try await HookRelease.running(site)
      try await HookRelease.write("2", hooks: nil, to: site)
      let second = try await HookRelease.deploy(to: site)
      #expect(second.exit == 0, "\(second)")
      #expect(second.steps.contains { $0.name == "reload hooked.service" })
      let after = try await HookRelease.running(site)
      #expect(after == [before[0], "version 2"])
      let looked = try await site.qtctl("verify", "--name", "hooked")
      #expect(looked.exit == 0, "\(looked)")
      let state = try await site.state(of: HookRelease.targets)
      try await HookRelease.write("bad", hooks: nil, to: site)
      let third = try await HookRelease.deploy(to: site)
      #expect(third.exit == 20 && third.message.contains("could not be reloaded: its ExecReload= failed"), "\(third)")
      #expect(try await site.state(of: HookRelease.targets) == state)
      #expect(try await HookRelease.running(site).last == "version 2")
      // Another program restarts.
      try await HookRelease.write("3", program: "2", hooks: nil, to: site)
      #expect(try await HookRelease.deploy(to: site).exit == 0)
      let last = try await HookRelease.running(site)
      #expect(last[0] != before[0] && last[1] == "version 3")
    }
  }

  @Test("a reload that nothing could take in is refused, and changes nothing")
  func refusedReloads() async throws {
    try await Site.with(name: "no-reload") { site in
      for (script, word) in [
        ("sed -i /ExecReload/d hooked.service", "has no ExecReload="),
        ("sed -i 's/^Type=/ExecReload=\\nType=/; /ExecReload=.bin/d' hooked.service", "has no ExecReload="),
        (
          "echo A=b >hooked.conf; sed -i 's|^Type=|EnvironmentFile=/etc/hooked.conf\\n&|' hooked.service",
          "EnvironmentFile="
        ),
        ("sed -i 's/mode: \"0755\"/mode: \"0755\", reload: true/' qtctl.yaml", "is the program of hooked.service"),
        ("sed -i 's/hooked.service}/hooked.service, reload: true}/' qtctl.yaml", "part of a unit"),
      ] {
        try await HookRelease.write("1", hooks: nil, to: site)
        try await site.sh("cd \(HookRelease.folder); \(script)")
        let run = try await HookRelease.deploy(to: site)
        #expect(run.exit == 14 && run.message.contains(word), "\(word): \(run)")
        #expect(try await site.sh("ls /usr/local/bin/hooked 2>/dev/null || true").isEmpty)
      }
    }
  }

  @Test(
    "hooks run in order, with what is in force around them, and are told about the transaction; a dry run runs none")
  func order() async throws {
    try await Site.with(name: "hooks") { site in
      try await HookRelease.write("1", to: site)
      #expect(try await HookRelease.deploy(to: site).exit == 0)
      _ = try await HookRelease.lines(site)
      try await site.sh("rm \(HookRelease.log).json")
      try await HookRelease.write("2", program: "2", to: site)
      let dry = try await site.qtctl("deploy", HookRelease.folder, "--dry-run")
      #expect(
        dry.steps.map(\.name).filter { $0.hasPrefix("run hook") } == [
          "run hook prepare", "run hook migrate", "run hook finished",
        ])
      #expect(try await HookRelease.lines(site).isEmpty)
      let run = try await HookRelease.deploy(to: site)
      #expect(run.exit == 0, "\(run)")
      #expect(
        try await HookRelease.lines(site) == [
          "prepare version 1 active", "prepare ended", "migrate version 2 inactive", "migrate ended", "finished",
        ])
      let told = try await site.sh(
        "for k in hook outcome to.version from.version stamp files units; do python3 -c \"import json,sys;"
          + "print(*[__import__('functools').reduce(lambda a,b: a and a.get(b),'$k'.split('.'),json.loads(l)) "
          + "for l in open('\(HookRelease.log).json').read().replace('}{','}\\n{').splitlines() if l])\"; done")
      let lines = told.split(separator: "\n").map(String.init)
      #expect(lines.prefix(4) == ["prepare migrate finished", "None None deployed", "2 2 2", "1 1 1"])
      #expect(lines[4] == "\(run.stamp ?? "") \(run.stamp ?? "") \(run.stamp ?? "")")
      let again = try await HookRelease.deploy(to: site)
      #expect(again.exit == 0 && again.outcome == .unchanged)
      #expect(try await HookRelease.lines(site).isEmpty)
    }
  }

  @Test(
    "a hook that fails, hangs, ignores SIGTERM, leaves a child, prints without end or closes its output ends cleanly")
  func failures() async throws {
    try await Site.with(name: "hook-faults") { site in
      try await HookRelease.write("1", to: site)
      #expect(try await HookRelease.deploy(to: site).exit == 0)
      let before = try await site.state(of: HookRelease.targets)
      let faults: [(name: String, script: String, exit: Int32, word: String)] = [
        ("fails", "echo 'disk \u{1b}[31mfull'; exit 3", 20, "exited with status 3"),
        ("hangs", "echo waiting; sleep 1000", 20, "did not end within 2 s"),
        ("ignores", "trap '' TERM; echo stay; while :; do sleep 0.1; done", 20, "did not end within 2 s"),
        ("forks", "setsid sleep 4711 & exit 0", 0, "is deployed"),
        ("prints", "head -c 1000000 /dev/zero | tr '\\0' x; echo; echo the end; exit 1", 20, "the end"),
        ("closes", "exec >&- 2>&-; sleep 0.5; exit 0", 0, "is deployed"),
        ("dies", "kill -KILL $$", 20, "killed by signal 9"),
      ]
      for fault in faults {
        try await HookRelease.write(
          "2", program: fault.name,
          hooks: .init(migrate: fault.script, within: fault.script.contains("sleep") ? "2s" : "10s"), to: site)
        let run = try await site.qtctl("deploy", HookRelease.folder, "--again")
        #expect(run.exit == fault.exit && run.message.contains(fault.word), "\(fault.name): \(run)")
        #expect(!run.output.stderr.contains("\u{1b}[31m"))
        #expect(run.seconds < 20, "\(fault.name): \(run.seconds)")
        #expect(try await site.sh("pgrep -fc '[s]leep (4711|1000)' || true") == "0\n", "\(fault.name)")
        let undone = try await HookRelease.lines(site).filter { $0 == "undo ended" }
        #expect(undone.count == (fault.exit == 0 ? 0 : 1), "\(fault.name)")
        if fault.exit != 0 {
          #expect(try await site.state(of: HookRelease.targets) == before, "\(fault.name)")
          #expect(
            try await site.sh("grep -c '^--- hook' $(ls -d /var/lib/qtctl/evidence/* | tail -n 1)/hooks.txt") == "2\n")
        } else {
          #expect(try await site.qtctl("rollback", "--name", "hooked").exit == 0)
        }
      }
      try await HookRelease.write("3", program: "3", hooks: .init(prepare: "exit 9"), to: site)
      let run = try await HookRelease.deploy(to: site)
      #expect(run.exit == 14 && run.message.contains("hook prepare") && run.message.contains("status 9"), "\(run)")
      #expect(try await site.state(of: HookRelease.targets) == before)
    }
  }

  @Test("an undo that fails twice ends with 21, says so, and the old files run")
  func undoFails() async throws {
    try await Site.with(name: "undo-fails") { site in
      try await HookRelease.write("1", to: site)
      #expect(try await HookRelease.deploy(to: site).exit == 0)
      let before = try await site.state(of: HookRelease.targets)
      try await HookRelease.write(
        "2", program: "2", hooks: .init(migrate: "exit 1", undo: "echo cannot go back; exit 4"), to: site)
      let run = try await HookRelease.deploy(to: site)
      #expect(run.exit == 21 && run.message.contains("failed twice"), "\(run)")
      #expect(run.message.contains("cannot go back") && run.message.contains("/var/lib/qtctl/undo-failed-"))
      #expect(try await site.state(of: HookRelease.targets) == before)
      #expect(try await site.active("hooked") == "active")
      #expect(try await HookRelease.lines(site).filter { $0.hasPrefix("undo ") }.count == 2)
    }
  }
}

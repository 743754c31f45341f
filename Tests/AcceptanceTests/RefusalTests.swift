import Rehearsal
import TestSupport
import Testing

@Suite("What is refused")
struct RefusalTests {
  @Test("gets one clear message and its exit status, and changes nothing")
  func refusals() async throws {
    try await Site.with(name: "refusals") { site in
      try await PlainRelease.write("1", .good, to: site)
      let first = try await site.qtctl("deploy", PlainRelease.folder)
      #expect(first.exit == 0, "\(first)")
      let before = try await PlainRelease.everything(site)

      for (arguments, exit, words) in Self.badStamps { try await expect(site, arguments, exit, words) }
      for (text, words) in Self.badManifests {
        try await site.machine.write(text, to: PlainRelease.folder + "/qtctl.yaml")
        try await expect(site, ["deploy", PlainRelease.folder], 14, words)
      }
      let needsRedis = PlainRelease.manifest("2") + "redis: redis://127.0.0.1:6390/0\n"
      try await site.machine.write(needsRedis, to: PlainRelease.folder + "/qtctl.yaml")
      try await expect(site, ["deploy", PlainRelease.folder], 14, ["127.0.0.1:6390"])
      try await expect(site, ["deploy", "/nowhere"], 14, ["/nowhere"])

      #expect(try await PlainRelease.everything(site) == before)
    }
  }

  @Test("is everybody but root, who is told so")
  func permission() async throws {
    try await Site.with(name: "permission") { site in
      try await PlainRelease.write("1", .good, to: site)
      try await site.sh("chmod 755 /root")
      for command in ["deploy \(PlainRelease.folder)", "rollback --manifest \(PlainRelease.folder)"] {
        let output = try await site.machine.run(
          ["setpriv", "--reuid=65534", "--clear-groups", "sh", "-c", "exec qtctl \(command)"])
        #expect(output.status == .exited(14), "\(output.stderr)")
        #expect(output.stderr.contains("root"))
      }
      #expect(try await site.sh("systemctl show -P LoadState plain.service") == "not-found\n")
    }
  }

  private func expect(_ site: Site, _ arguments: [String], _ exit: Int32, _ words: [String]) async throws {
    let run = try await site.qtctl(arguments)
    #expect(run.exit == exit, "\(arguments) \(run)")
    for word in words { #expect(run.message.contains(word), "\(arguments): \(word) is not in: \(run.message)") }
  }

  private static let badStamps: [([String], Int32, [String])] = [
    ("20200101_000000", ["backup '20200101_000000' does not exist", PlainRelease.store]),
    ("../../etc", ["is not a stamp"]),
    ("20260230_000000", ["is not a stamp"]), ("20200101_000000/../x", ["is not a stamp"]),
  ].map { stamp, words in (["rollback", stamp, "--manifest", PlainRelease.folder], 10, words) }

  private static let badManifests: [(String, [String])] = [
    (PlainRelease.manifest("2").replacing("ready:", with: "reddy:"), ["qtctl.yaml:5:", "'reddy'", "'ready'"]),
    (PlainRelease.manifest("2").replacing("5s", with: "5 parsecs"), ["qtctl.yaml:5:", "5 parsecs"]),
    (
      PlainRelease.manifest("2").replacing("source: plain.conf", with: "source: gone.conf"),
      ["gone.conf", "does not exist"]
    ),
    (PlainRelease.manifest("2").replacing("/etc/plain/plain.conf", with: "/etc/../etc/x"), ["/etc/../etc/x"]),
    ("", ["qtctl.yaml"]),
  ]
}

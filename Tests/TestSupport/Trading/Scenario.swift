internal import Deployment
internal import Rehearsal

/// The main job from the first install to the rollback, on a real site: what the demo tells and a test asserts.
///
/// Every step throws when it did not come out as promised.
package struct Scenario {
  let site: Site
  let release: TradingRelease
  /// Runs a step under its name; the step returns what is to be said of it.
  let tell: (String, () async throws -> String) async throws -> Void
  let say: (String) -> Void

  package init(
    site: Site, tell: @escaping (String, () async throws -> String) async throws -> Void,
    say: @escaping (String) -> Void = { _ in }
  ) {
    self.site = site
    self.tell = tell
    self.say = say
    release = TradingRelease(on: site)
  }

  package func play() async throws {
    try await release.build(1)
    try await tell("deploy release 1") { try await deploy(expecting: 0).summary }
    let one = try await site.state(of: TradingRelease.targets)
    let outsider = try await Outsider(on: site)
    try await tell("1,000 decisions, 100 of them twice") { try await decisions(outsider) }
    try await tell("verify") { try await verify() }
    let stamp = try await second(outsider)
    let two = try await site.state(of: TradingRelease.targets)

    try await release.replace(TradingRelease.router, with: TradingRelease.publishingTwice)
    try await failing("deploy a router that publishes twice", check: "dedup.control", backTo: two)
    try await release.build(2)
    try await release.replace(TradingRelease.execution, with: TradingRelease.exitingProgram)
    try await failing("deploy an execution that exits at once", check: nil, backTo: two)
    try await rollBack(to: stamp, expecting: one)
  }

  private func deploy(expecting exit: Int32) async throws -> QtctlRun {
    let run = try await site.qtctl("deploy", folder: TradingRelease.folder)
    try require(run.exit == exit, "the deploy should exit \(exit): \(run)")
    return run
  }

  private func decisions(_ outsider: Outsider) async throws -> String {
    try await site.run(Outsider.publish(run: "first", count: 1000, repeats: 100))
    let tally = try await outsider.tally(run: "first", expecting: 1000)
    try require(tally.intents.count == 1000 && tally.once == 1000 && tally.more == 0, "not exactly once: \(tally)")
    let skips = try await skips("first")
    try require(skips == 100, "\(skips) DUPLICATE_SKIP lines for 100 repeats")
    return "\(tally.once) intents, \(tally.results.count) terminal states, \(skips) DUPLICATE_SKIP lines"
  }

  /// The skips that the router logged for a run, by journalctl's own count.
  private func skips(_ run: String) async throws -> Int {
    let lines = try await site.sh(
      "journalctl -q -o cat -u \(TradingRelease.router) | grep -c '^DUPLICATE_SKIP trace_id=\(run)-' || true")
    return Int(lines.split(separator: "\n").first ?? "") ?? -1
  }

  private func verify() async throws -> String {
    let run = try await site.qtctl("verify", folder: TradingRelease.folder)
    try require(run.exit == 0, "\(run)")
    for check in run.checks {
      say("             \(check.status.rawValue)  \(check.id)  \(check.subject): \(check.detail)")
    }
    return run.summary
  }

  /// Release 2 while decisions flow: none lost, none doubled.
  private func second(_ outsider: Outsider) async throws -> String {
    try await release.build(2)
    try await release.addFile()
    var stamp = ""
    try await tell("deploy release 2 while 200 decisions a second flow") {
      let feed = try await site.machine.spawn(Outsider.publish(run: "flow", count: 1200, rate: 200))
      let run = try await deploy(expecting: 0)
      stamp = run.stamp ?? ""
      try require(try await feed.output().succeeded, "the decisions did not flow")
      let tally = try await outsider.tally(run: "flow", expecting: 1200)
      try require(tally.intents.count == 1200 && tally.once == 1200 && tally.more == 0, "not exactly once: \(tally)")
      return run.summary + "; \(tally.once) of 1200 decisions came out exactly once"
    }
    return stamp
  }

  private func failing(_ name: String, check: String?, backTo files: [String: String]) async throws {
    try await tell(name) {
      let run = try await deploy(expecting: 20)
      if let check { try require(run.message.contains(check), "'\(check)' should have caught it: \(run)") }
      try require(try await site.state(of: TradingRelease.targets) == files, "the files are not those of before")
      try require(run.checks.allSatisfy { $0.status != .fail }, "not verified healthy: \(run)")
      return run.summary
    }
  }

  private func rollBack(to stamp: String, expecting files: [String: String]) async throws {
    var seconds = 0.0
    try await tell("qtctl rollback \(stamp)") {
      let run = try await site.qtctl("rollback", stamp, folder: TradingRelease.folder)
      try require(run.exit == 0, "\(run)")
      seconds = run.seconds
      try require(try await site.state(of: TradingRelease.targets) == files, "the files are not those of release 1")
      for name in [TradingRelease.execution, TradingRelease.router] {
        try await site.sh("cmp /proc/$(systemctl show -P MainPID \(name))/exe /usr/local/bin/\(name)")
      }
      try await site.sh("! ls \(TradingRelease.added) /etc/quantum/router.d 2>/dev/null")
      return run.summary + "; files byte for byte, processes run them, what release 2 added is gone"
    }
    say("the rollback to verified health took \((seconds * 100).rounded() / 100) s")
  }

  private func require(_ condition: Bool, _ message: @autoclosure () -> String) throws {
    guard condition else { throw SiteError(description: message()) }
  }
}

extension QtctlRun {
  /// How it ended, in a line.
  var summary: String {
    "exit \(exit), \(outcome.rawValue), \(checks.count { $0.status == .pass }) checks passed"
  }
}

import Measurement

/// Deploy, downtime and rollback of two services.
struct DeployRow: Row {
  /// Whether units change, and not configuration files.
  let bringsUnits: Bool

  var id: String { bringsUnits ? "deploy-units" : "deploy" }
  var title: String {
    bringsUnits
      ? "The same, with two units instead of configuration files" : "Deploy of two services, four files, 20 MB"
  }

  var how: String {
    bringsUnits
      ? """
      Two programs of 10 MiB and their two units are replaced by others, of which systemd has to be told: `daemon-reload` \
      reads all units of the host. qtctl, the script and pyinfra do that between stop and start, so that no process of the old \
      unit sees the new one; Ansible does it while the old services run.
      """ : Self.mainHow
  }

  private static let mainHow = """
    Two programs of 10 MiB and their two configuration files are replaced by others, with a backup before and checks after: \
    digests of the four files, unit active, the running program is the installed one, an HTTP answer; no observation window \
    (`stable: 0s`). By hand: a script in bash that backs up, copies beside, stops, renames, starts and checks. pyinfra \
    stops, copies and starts with its own operations, Ansible copies and restarts, by the local connection (Ansible with \
    pipelining, without facts), and run the backup and the checks of that script. Each has services of its own. The downtime is \
    the longest time in which not both services answered a request every 0.3 ms, beside `systemctl restart` of both with \
    nothing changed. The rollback is back to verified health: `qtctl rollback` proves every byte of the backup first; by hand the \
    last copy is put back, started, and must answer.
    """
  var limits: String { bringsUnits ? Self.unitLimits : Self.mainLimits }

  private static let mainLimits = """
    The service is a small C program that is ready at once; real services add their own start and stop to all alike. \
    pyinfra and Ansible have no journal and no undo; pyinfra writes in place; Ansible restarts one service after the other \
    when all files are in place.

    Profile (steps of `qtctl deploy --json`, `perf record`): a quarter of the deploy is from the first stop to the last start, of \
    which renames are 1 to 3 ms and nearly all else is systemd's; a fifth is the plan; a tenth each are the release's own bytes, the \
    checks, preflight, and what is tidied and written down at the end; a fifteenth each are backup and staging. A quarter of the \
    processor time goes into digests: the 20 MB are read in the release, on the host, for the backup, while they are staged, and after \
    the start, as files in memory keep no digests. Of the rollback, three tenths are the proof of the backup and the plan, a seventh \
    are its own backup and the staging; by hand there is neither. Done: all of this is read and written on all cores; dpkg is asked only \
    where its lists name a file (docs/decisions/0123-when-dpkg-is-asked.md); while services are down, systemd is asked by one call for \
    all of them. Left: the rollback watchdog, which keeps systemd busy just before the stop; a copy proved by the digest that was taken \
    while it was made.
    """

  private static let unitLimits = """
    Profile (steps of `qtctl deploy --json`): of the downtime, the `daemon-reload` is all but what the row above shows; it grows \
    with the number of units on the host. Before the stop, `systemd-analyze verify` reads the new units. Left: to reload systemd before \
    the stop, which needs an undo that reloads it again.
    """

  func figures(_ sizes: Sizes) -> [RowHeading] {
    [
      RowHeading(
        key: "deploy", title: "deploy to verified health",
        bars: [
          .most(0.8, .ratio("qtctl", to: "by hand in sh")), .least(6, .ratio("pyinfra", to: "qtctl")),
          .least(20, .ratio("Ansible", to: "qtctl")),
        ]),
      RowHeading(
        key: "downtime", title: "downtime of it", bars: [.most(1.2, .ratio("qtctl", to: "systemctl restart"))]),
      RowHeading(
        key: "rollback", title: "rollback to verified health", bars: [.most(1, .ratio("qtctl", to: "by hand in sh"))]),
    ]
  }

  var peersAskedFor: [String] { ["pyinfra", "ansible"] }

  func contenders(_ ground: Ground) throws -> [Contender] {
    func services(_ tag: String, _ port: Int) throws -> ServiceRelease {
      let services = ServiceRelease(
        folder: ground.folder, tag: tag, count: 2, mebibytes: 10, firstPort: port, bringsUnits: bringsUnits)
      try services.write(service: ground.service)
      return services
    }
    let (own, hand) = (try services("own", 7100), try services("hand", 7200))
    var all = [try Self.qtctl(own), try Self.byHand(hand)]
    if let pyinfra = ground.peers.commands["pyinfra"] {
      let services = try services("pyinfra", 7300)
      let script = "\(ground.folder)/deploy.py"
      try Timed.sh(#"printf %s "$2" >"$1""#, script, PeerScripts.pyinfra(services, 2))
      all.append(try peer("pyinfra", services, pyinfra + ["-y", "@local", script]))
    }
    if let ansible = ground.peers.commands["ansible"] {
      let services = try services("ansible", 7400)
      let book = "\(ground.folder)/deploy.yaml"
      try Timed.sh(#"printf %s "$2" >"$1""#, book, PeerScripts.ansible(services, 2))
      all.append(
        try peer(
          "Ansible", services, ansible + ["-i", "localhost,", book], environment: PeerScripts.ansibleEnvironment))
    }
    all.append(
      Contender(name: "systemctl restart") { _ in
        ["downtime": try Outage.during(hand.ports) { try Timed.run(["systemctl", "restart"] + hand.names) }]
      })
    return all
  }

  /// Deploys the second release over the first and rolls it back.
  static func qtctl(_ services: ServiceRelease) throws -> Contender {
    try Timed.run(["qtctl", "deploy", services.release(1), "--quiet"])
    return Contender(name: "qtctl") { _ in
      try turn(
        services, ["qtctl", "deploy", services.release(2), "--quiet"],
        back: ["qtctl", "rollback", "--quiet", "--name", "bench-\(services.tag)"])
    }
  }

  static func byHand(_ services: ServiceRelease) throws -> Contender {
    func hand(_ action: String, _ version: Int) -> [String] {
      ["\(services.release(version))/hand", action, services.release(version)] + services.words
    }
    try Timed.run(hand("deploy", 1))
    return Contender(name: "by hand in sh") { _ in try turn(services, hand("deploy", 2), back: hand("back", 1)) }
  }

  private static func turn(
    _ services: ServiceRelease, _ deploy: [String], back: [String]
  ) throws -> [String: Double] {
    var time = 0.0
    let outage = try Outage.during(services.ports) { time = try Timed.run(deploy) }
    return ["deploy": time, "downtime": outage, "rollback": try Timed.run(back)]
  }

  /// The first release comes back by hand, which is not measured.
  private func peer(
    _ name: String, _ services: ServiceRelease, _ command: [String], environment: [String: String] = [:]
  ) throws -> Contender {
    let back = ["\(services.release(1))/hand", "deploy", services.release(1)] + services.words
    try Timed.run(back)
    return Contender(name: name) { _ in
      var time = 0.0
      let outage = try Outage.during(services.ports) {
        time = try Timed.run(["timeout", "120"] + command, environment: environment)
      }
      try Timed.run(back)
      return ["deploy": time, "downtime": outage]
    }
  }
}

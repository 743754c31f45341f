import Measurement

/// A host with many services on one source tree.
struct BigHostRow: Row {
  let id = "big-host"
  let title = "Big host"
  let how = """
    97 services on one tree of 2,000 Python modules, 30 environments of Python and 12 files with variables, all in one \
    manifest with `start: together` and no window. The plan is that of a release in which one module of the library differs, which every \
    service imports; the deploy of it restarts all 97, beside `systemctl restart` of the 97 with nothing changed, which waits \
    for no check. The release, the tree, the environments and the backups are on the disk of the host. Between two turns all services have started and come to rest.
    """
  let limits = """
    The services are `Type=simple`, so that `systemctl restart` returns before Python has \
    begun; qtctl looks at the processes that run.

    Profile (steps of `qtctl deploy --json`; `perf record` of the plan): four tenths of the deploy are the 97 stops and starts, which take \
    longer than all of `systemctl restart`, as all are down before the first one starts; an eighth each are preflight and the checks, \
    a tenth is the plan, a twentieth the backup; the rest is what the transaction writes down and tidies. Done: a large record is decoded \
    once for a command; preflight asks systemd of the units that it has loaded, not of copies (the dry run of a change of all services went \
    from 1.25 s to 0.9 s so). Left: records in a form that is quicker to read and write than JSON.
    """

  private static let restart = "systemctl restart"

  func rounds(_ sizes: Sizes) -> Int { min(3, sizes.rounds) }

  func figures(_ sizes: Sizes) -> [RowHeading] {
    [
      RowHeading(key: "plan", title: "plan", bars: [.most(500, .median("qtctl"))]),
      RowHeading(
        key: "restart", title: "one library file changed, all \(sizes.services) services",
        bars: [.most(1.3, .ratio("qtctl", to: Self.restart))]),
    ]
  }

  func contenders(_ ground: Ground) throws -> [Contender] {
    let sizes = ground.sizes
    let host = BigHost(
      folder: "\(ground.disk)/big", host: "\(ground.disk)/host", services: sizes.services, modules: sizes.modules)
    try host.setUp()
    var version = 1
    return [
      Contender(name: "qtctl") { _ in
        version = 3 - version
        let deploy = ["qtctl", "deploy", "--quiet", host.release(version)]
        let plan = try Timed.run(deploy + ["--dry-run"])
        try host.forget()
        let restart = try Timed.run(deploy)
        try host.settle()
        return ["plan": plan, "restart": restart]
      },
      Contender(name: Self.restart) { _ in
        try host.forget()
        let time = try Timed.run(["systemctl", "restart"] + host.units)
        try host.settle()
        return ["restart": time]
      },
    ]
  }
}

/// A large tree of which little changes.
struct BigTreeRow: Row {
  let id = "big-tree"
  let title = "Large tree of which little changes"
  let how = """
    One folder of small files under a service that works in it; 100 of the files differ from what is deployed. A backup before, \
    the digest of every file after, no window. The release, what it deploys and the backups are on the disk of the host.
    """
  let limits = """
    Profile (steps of `qtctl deploy --json`, `perf record`): of 5.3 s, 1.1 s are the backup, 0.6 s preflight, 0.5 s the checks, 0.4 s the \
    plan; most of the rest writes the records of the transaction, its 20,000 checks among them. A fifth of the processor time decodes \
    JSON, a sixth encodes it, a tenth goes into digests. Done: the checks run in groups, since Swift's task group walked along 20,000 of \
    them for each that ended; a large record is decoded once for a command (6.3 s before); \
    retention, a quarter of the processor time, looks only at the newest backup. Left: records in a form that is quicker to read and \
    write than JSON.
    """

  private static let changed = 100

  func rounds(_ sizes: Sizes) -> Int { min(3, sizes.rounds) }

  func figures(_ sizes: Sizes) -> [RowHeading] {
    [
      RowHeading(
        key: "tree", title: "deploy of a tree of \(sizes.bigTreeFiles) files, \(Self.changed) changed",
        bars: [.most(2000, .median("qtctl"))])
    ]
  }

  func contenders(_ ground: Ground) throws -> [Contender] {
    let trees = try Self.trees(ground)
    return [
      Contender(name: "qtctl") { round in
        ["tree": try Timed.run(["qtctl", "deploy", "--quiet", trees[(round + 1) % 2]])]
      }
    ]
  }

  /// The folders of two releases, the first of which is deployed.
  private static func trees(_ ground: Ground) throws -> [String] {
    let tree = TreeRelease(
      folder: "\(ground.disk)/tree-1", target: "\(ground.disk)/host/tree", store: "\(ground.disk)/backups",
      files: ground.sizes.bigTreeFiles, bytes: 100)
    try tree.write()
    try Timed.sh(
      #"""
      printf '[Service]\nWorkingDirectory=%s\nExecStart=/bin/sleep infinity\n' "$3" >"$1/bench-tree.service"
      cp -a "$1" "$2"
      find "$2/tree" -type f | sort | awk -v each="$4" 'NR % each == 1' | while read -r file; do echo changed >"$file"; done
      """#, tree.folder, "\(ground.disk)/tree-2", tree.target, "\(max(2, ground.sizes.bigTreeFiles / changed))")
    try tree.bringUnit()
    try Timed.run(["qtctl", "deploy", tree.folder, "--quiet"])
    return [tree.folder, "\(ground.disk)/tree-2"]
  }
}

import Measurement
import TestSupport

/// A folder that is backed up, beside the tools that people use for it.
struct BackupRow: Row {
  let isSmall: Bool

  var id: String { isSmall ? "backup-small" : "backup" }
  var title: String { isSmall ? "Backup of many small files" : "Backup of a folder" }
  let how = """
    The folder, which a release has brought, is backed up into an empty store, and again with nothing changed (the sizes are in the figures' titles). \
    qtctl hashes every file, copies it with its metadata and writes what restores it; restic and borg without encryption \
    where they can (borg), with their defaults for compression; `cp -a` copies twice; rsync links what is unchanged to the \
    first copy (`--link-dest`). The content is random. The folder and all stores are on one filesystem of the host's disk, the folder in \
    the cache; each time ends when `sync -f` has brought the store to the disk.
    """
  let limits = """
    restic and borg also split and compress, and can hold many versions in little space; `cp` and rsync keep no digests. \
    How fast a disk is differs from machine to machine, and from minute to minute on a shared one.

    Profile (`perf record -a`): what a first backup of many files waits for is the filesystem, as do `cp` and rsync: each file is an inode \
    of its own, and ext4 looks at all that were removed a moment ago before it takes one (`recently_deleted`), so that nothing is removed \
    between turns. restic and borg write a few packs. An unchanged backup reads each copy whole before it links to it. Done: files are read, \
    hashed and copied on all cores, and made durable by one call. Left: of an unchanged one, copies that are \
    not read again, which would go on linking to one that the disk has damaged.
    """

  func figures(_ sizes: Sizes) -> [RowHeading] {
    let what = isSmall ? "\(sizes.smallFiles) files of 100 bytes" : "\(sizes.treeMiB) MiB in \(sizes.treeFiles) files"
    let (first, again) = ("\(what), first backup", "\(what), unchanged")
    let (copy, link) = ("cp -a", "rsync --link-dest")
    return isSmall
      ? [
        RowHeading(
          key: "first", title: first, bars: ["restic", "borg", copy, link].map { .least(1, .ratio($0, to: "qtctl")) }),
        RowHeading(key: "again", title: again),
      ]
      : [
        RowHeading(
          key: "first", title: first,
          bars: [.least(3, .ratio("restic", to: "qtctl")), .least(1, .ratio(copy, to: "qtctl"))]),
        RowHeading(key: "again", title: again, bars: [.least(1, .ratio("borg", to: "qtctl"))]),
      ]
  }

  var peersAskedFor: [String] { ["restic", "borg", "rsync"] }

  func contenders(_ ground: Ground) throws -> [Contender] {
    let tree = try TreeRelease(ground, isSmall: isSmall)
    let store = "\(ground.disk)/backups/store"
    // A backup holds what a release has brought.
    try Timed.run(["qtctl", "deploy", "--quiet", tree.folder])
    var all = [
      contender(
        "qtctl", store, tree.count, backup: { _ in ["qtctl", "backup", "--quiet", "--manifest", tree.manifest] })
    ]
    if let restic = ground.peers.commands["restic"] {
      let own = restic + ["-q", "-r", "\(store)/r", "--cache-dir", "\(store)/cache"]
      all.append(
        contender("restic", store, tree.count, prepare: own + ["init"], backup: { _ in own + ["backup", tree.target] }))
    }
    if let borg = ground.peers.commands["borg"] {
      all.append(
        contender(
          "borg", store, tree.count, prepare: borg + ["init", "-e", "none", "\(store)/b"],
          backup: { borg + ["create", "\(store)/b::\($0)", tree.target] }))
    }
    all.append(contender("cp -a", store, tree.count, backup: { ["cp", "-a", tree.target, "\(store)/\($0)"] }))
    if let rsync = ground.peers.commands["rsync"] {
      all.append(
        contender(
          "rsync --link-dest", store, tree.count,
          backup: { rsync + ["-a", "--link-dest=\(store)/1", tree.target + "/", "\(store)/\($0)/"] }))
    }
    return all
  }

  /// - Parameter backup: The command for the backup of the number, from 1 on.
  private func contender(
    _ name: String, _ store: String, _ files: Int, prepare: [String]? = nil, backup: @escaping (Int) -> [String]
  ) -> Contender {
    let durable = ["/bin/sh", "-c", #""$@" && sync -f "$0""#, store]
    return Contender(name: name) { _ in
      // Nothing is removed between turns: ext4 looks for long at inodes that were in use a moment ago.
      try Timed.sh(
        #"[ ! -e "$1" ] || mv "$1" "$1.$(date +%s%N)"; mkdir -p "${1%/*}"; mkdir -m 0700 "$1"; sync -f "$1""#, store)
      let own = ["RESTIC_PASSWORD": "bench", "BORG_BASE_DIR": store]
      if let prepare { try Timed.run(prepare, environment: own) }
      let first = try Timed.run(durable + backup(1), environment: own)
      // Those that pack files into few are taken at their word.
      if prepare == nil { try Timed.sh(#"[ "$(find "$1" -type f | wc -l)" -ge "$2" ]"#, store, "\(files)") }
      let again = try Timed.run(durable + backup(2), environment: own)
      return ["first": first, "again": again]
    }
  }
}

/// A deploy that finds everything in place.
struct UnchangedRow: Row {
  let id = "unchanged"
  let title = "Deploy where nothing changed"
  let how = """
    `qtctl deploy` of a folder that is on the host exactly so, beside `sha256sum` of every file of the release, once: as a \
    second deploy finds it, and without the digests that qtctl keeps (`/var/lib/qtctl/digests`), when release and host are read. \
    The release and what it deploys are on the disk of the host, seen by the machine read-only.
    """
  let limits = """
    Where every change of a file cannot be seen, as on a tmpfs or an overlay, qtctl always reads: then the second figure is the \
    first, too (docs/decisions/0100-when-a-file-is-not-read-again.md).
    """
  private static let again = "qtctl"
  private static let first = "qtctl, no digests kept"

  func figures(_ sizes: Sizes) -> [RowHeading] {
    [
      RowHeading(
        key: "deploy", title: "\(sizes.treeMiB) MiB in \(sizes.treeFiles) files",
        bars: [
          .most(0.1, .ratio(Self.again, to: "sha256sum")), .most(1.1, .ratio(Self.first, to: "sha256sum")),
        ])
    ]
  }

  private static let folder = Checkout.root + "/.build/bench/unchanged"

  func prepareOnHost(_ sizes: Sizes) throws {
    try Timed.sh(#"rm -rf "$1"; mkdir -p "$1""#, Self.folder)
    try tree(sizes, Self.folder).write()
  }

  private func tree(_ sizes: Sizes, _ store: String) -> TreeRelease {
    TreeRelease(
      folder: Self.folder + "/release", target: Self.folder + "/target", store: store, files: sizes.treeFiles,
      bytes: sizes.treeMiB << 20 / max(1, sizes.treeFiles))
  }

  func contenders(_ ground: Ground) throws -> [Contender] {
    let tree = tree(ground.sizes, ground.folder)
    try tree.bringUnit()
    let deploy = ["qtctl", "deploy", "--quiet", tree.folder]
    let environment = ["QTCTL_BACKUPS": "\(ground.folder)/store"]
    try Timed.run(deploy, environment: environment)
    return [
      Contender(name: Self.again) { _ in ["deploy": try Timed.run(deploy, environment: environment)] },
      Contender(name: Self.first) { _ in
        try Timed.sh(##"[ ! -e "$1" ] || mv "$1" "$1.aside""##, "/var/lib/qtctl/digests")
        defer { try? Timed.sh(##"[ ! -e "$1.aside" ] || mv "$1.aside" "$1""##, "/var/lib/qtctl/digests") }
        return ["deploy": try Timed.run(deploy, environment: environment)]
      },
      Contender(name: "sha256sum") { _ in
        ["deploy": try Timed.run(["/bin/sh", "-c", #"find "$0" -type f -print0 | xargs -0 sha256sum"#, tree.source])]
      },
    ]
  }
}

/// A release that is one folder, in place on the host.
struct TreeRelease {
  let folder: String
  let target: String
  /// Above the backup store.
  let store: String
  /// Files in it.
  let count: Int
  let bytes: Int

  var source: String { "\(folder)/tree" }
  var manifest: String { "\(folder)/qtctl.yaml" }

  init(folder: String, target: String, store: String, files: Int, bytes: Int) {
    (self.folder, self.target, self.store) = (folder, target, store)
    (count, self.bytes) = (max(1, files), bytes)
  }

  /// All of it on the disk but the unit.
  init(_ ground: Ground, isSmall: Bool) throws {
    let files = max(1, isSmall ? ground.sizes.smallFiles : ground.sizes.treeFiles)
    self.init(
      folder: "\(ground.disk)/release", target: "\(ground.disk)/host/tree", store: "\(ground.disk)/backups",
      files: files, bytes: isSmall ? 100 : ground.sizes.treeMiB << 20 / files)
    try write()
    try bringUnit()
  }

  func write() throws {
    let text = """
      name: tree
      files:
        - {source: tree, target: \(target)}
      services:
        - unit: bench-tree.service
          files: [{source: bench-tree.service, target: /etc/systemd/system/bench-tree.service}]
      backups: {directory: \(store)/store, keep: 3}
      verify: {stable: 0s}

      """
    try Timed.sh(Self.files, folder, target, "\(count)", "\(bytes)", text)
  }

  /// Puts its unit in place, as by hand.
  func bringUnit() throws {
    try Timed.sh(#"cp "$1/bench-tree.service" /etc/systemd/system; systemctl daemon-reload"#, folder)
  }

  /// Fifty files to a folder.
  private static let files = #"""
    mkdir -p "$1/tree"; cd "$1/tree"
    head -c $(($3 * $4)) /dev/urandom | split -a 6 -d -b "$4" - f
    ls | xargs -n 50 sh -c 'mkdir "in-$1"; mv "$@" "in-$1"' sh
    mkdir -p "${2%/*}"; cp -a "$1/tree" "$2"
    cd "$1"
    printf %s "$5" >qtctl.yaml
    printf '[Service]\nExecStart=/bin/sleep infinity\n' >bench-tree.service
    """#
}

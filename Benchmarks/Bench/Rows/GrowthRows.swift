import FileOperations
import Glibc
import Measurement

/// The list of many backups.
struct ListRow: Row {
  let id = "list"
  let title = "List of many backups"
  let how = """
    `qtctl backups list` of a store in which each backup holds a unit and a small file, as a second list finds it: of each backup, all \
    folders and files are asked for their times, sizes, modes and owners, and only what is not as the list before has seen it is \
    looked at again (docs/decisions/0124-a-list-that-looks-at-what-changed.md). The store is on the disk of the host.
    """
  let limits = """
    The backups are copies of one, each under its own stamp. On a tmpfs or an overlay, where not every change can be seen, all is read \
    each time.

    Profile (`perf record`): two thirds are statx(2), about twenty for each backup, on all cores; a fifteenth each makes the table and \
    the times in it, a twentieth reads the names of the folder. Done: no file is read and nothing decoded of a backup that is as it \
    was. Left: fewer calls would be less than a look at every folder and file.
    """

  func figures(_ sizes: Sizes) -> [RowHeading] {
    [
      RowHeading(
        key: "list", title: "backups list",
        bars: [.most(50, .median("qtctl, \(sizes.stamps) stamps")), .most(1.1, .exponent)])
    ]
  }

  func contenders(_ ground: Ground) throws -> [Contender] {
    try [8, 4, 2, 1].map { part in
      let count = max(1, ground.sizes.stamps / part)
      let folder = "\(ground.disk)/list-\(count)"
      try Self.write(folder, stamps: count)
      // What is new is not believed, and what was not listed is not known.
      usleep(200_000)
      try Timed.run(["qtctl", "backups", "list", "--quiet", "--manifest", "\(folder)/qtctl.yaml"])
      return Contender(name: "qtctl, \(count) stamps", size: Double(count)) { _ in
        ["list": try Timed.run(["qtctl", "backups", "list", "--quiet", "--manifest", "\(folder)/qtctl.yaml"])]
      }
    }
  }

  /// One backup that qtctl makes, and copies of it under other stamps.
  private static func write(_ folder: String, stamps: Int) throws {
    let manifest = """
      name: list
      services:
        - unit: bench-list.service
          files:
            - {source: one, target: \(folder)/target/one}
            - {source: bench-list.service, target: /etc/systemd/system/bench-list.service}
      backups: {directory: \(folder)/store}

      """
    try Timed.sh(Self.files, folder, manifest)
    try Timed.run(["qtctl", "backup", "--quiet", "--manifest", "\(folder)/qtctl.yaml"])
    let store = "\(folder)/store"
    guard let first = try Files.names(in: store).first(where: { $0.first?.isNumber == true }) else {
      throw Timed.Failure(description: "no backup was made in '\(store)'")
    }
    let names = ["backup.json", "restore.sh", "SHA256SUMS"]
    let texts = try names.map { String(decoding: try Files.read("\(store)/\(first)/\($0)"), as: UTF8.self) }
    for number in 1..<max(2, stamps) {
      let stamp =
        "2025\(padded(number / 280_000 % 9 + 1))\(padded(number / 10_000 % 28 + 1))_\(padded(number / 3600 % 24))"
        + "\(padded(number / 60 % 60))\(padded(number % 60))"
      let copy = "\(store)/\(stamp)"
      try Timed.sh(#"cp -a "$1" "$2""#, "\(store)/\(first)", copy)
      var sums = texts[2]
      for (name, text) in zip(names, texts).prefix(2) {
        let own = text.replacing(first, with: stamp)
        sums = sums.replacing(Digest.bytes(Array(text.utf8)), with: Digest.bytes(Array(own.utf8)))
        try Files.replace("\(copy)/\(name)", with: Array(own.utf8), mode: name == "restore.sh" ? 0o700 : 0o600)
      }
      try Files.replace("\(copy)/SHA256SUMS", with: Array(sums.utf8), mode: 0o600)
    }
  }

  private static let files = #"""
    mkdir -p "$1/target"; cd "$1"
    echo 1 >one; cp one target
    printf %s "$2" >qtctl.yaml
    printf '[Service]\nExecStart=/bin/sleep infinity\n' >bench-list.service
    cp bench-list.service /etc/systemd/system; systemctl daemon-reload
    """#

  private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

/// The plan of a large manifest.
struct PlanRow: Row {
  let id = "plan"
  let title = "Plan of a large manifest"
  let how = """
    `qtctl deploy --dry-run` of releases that are not on the host yet, each file named in the manifest: the manifest is read, \
    every source is hashed, the host and systemd are asked, and the plan is printed. The exponent is that of the line through \
    the logarithms of files and time; 1 is proportional.
    """
  let limits = """
    The files are small, so that it is the number which costs. Profile (`perf record`): a tenth each reads the manifest, looks at the \
    sources, looks at the host and compares; systemd needs 0.7 s of its own to read 200 units that it does not know. Done: each folder is \
    opened and followed once, users are asked for once, sources and targets are looked at on all cores. Left: the description of a file is \
    copied from each part of the plan to the next, an eighth of the time.
    """

  func figures(_ sizes: Sizes) -> [RowHeading] {
    [
      RowHeading(
        key: "plan", title: "plan", bars: [.most(500, .median(Self.name(sizes, 1))), .most(1.1, .exponent)])
    ]
  }

  private static func name(_ sizes: Sizes, _ part: Int) -> String {
    "qtctl, \(max(1, sizes.units / part)) units, \(max(1, sizes.unitFiles / part)) files"
  }

  func contenders(_ ground: Ground) throws -> [Contender] {
    try [8, 4, 2, 1].map { part in
      let (units, files) = (max(1, ground.sizes.units / part), max(1, ground.sizes.unitFiles / part))
      let folder = "\(ground.folder)/plan-\(part)"
      try Timed.sh(Self.release, folder, "\(units)", "\(max(1, files / units))")
      return Contender(name: Self.name(ground.sizes, part), size: Double(files)) { _ in
        ["plan": try Timed.run(["qtctl", "deploy", folder, "--dry-run", "--quiet"])]
      }
    }
  }

  private static let release = #"""
    mkdir -p "$1"; cd "$1"
    exec 3>qtctl.yaml
    printf 'name: plan\nbackups: {directory: /var/backups/bench-plan}\nverify: {stable: 0s}\nservices:\n' >&3
    for unit in $(seq "$2"); do
      name=bench-plan-$unit
      printf '[Service]\nExecStart=/bin/sleep infinity\nWorkingDirectory=/opt/%s\n' "$name" >"$name.service"
      printf '  - unit: %s.service\n    files:\n      - {source: %s.service, target: /etc/systemd/system/%s.service}\n' \
        "$name" "$name" "$name" >&3
      mkdir "$name"
      for file in $(seq $(($3 - 1))); do
        echo "$unit $file" >"$name/$file"
        printf '      - {source: %s/%s, target: /opt/%s/%s}\n' "$name" "$file" "$name" "$file" >&3
      done
    done
    """#
}

import Measurement

/// How long it takes to start.
struct StartRow: Row {
  let id = "start"
  let title = "Start"
  let how = "`qtctl --version` beside `systemctl --version`: what every command pays before its work."
  let limits = """
    The time of a process's creation and end is in both. Where it goes (`perf record`): half of the samples are in the loader, most of \
    which moves the program's own pointers and takes the page faults of that; a sixth is qtctl's main. Done: no type's conformance is \
    looked up at run time, which was a sixth. Left: fewer pointers, by a linker that packs them, which glibc before 2.36 cannot read.
    """

  func figures(_ sizes: Sizes) -> [RowHeading] {
    [RowHeading(key: "start", title: "start and end", bars: [.most(2, .ratio("qtctl", to: "systemctl"))])]
  }

  func contenders(_ ground: Ground) -> [Contender] {
    ["qtctl", "systemctl"].map { name in
      Contender(name: name, isShort: true) { _ in ["start": try Timed.run([name, "--version"])] }
    }
  }
}

/// A verification without a window.
struct VerifyRow: Row {
  let id = "verify"
  let title = "Verify, without a window and without the probe"
  let how = """
    `qtctl verify --no-probe --stable 0s` of the two services and four files of the first row, beside the checks of the script \
    by hand: digests of 20 MB, unit active, the running program is the installed one, an HTTP answer. The files are on the disk of the host.
    """
  let limits = """
    qtctl looks at more: restarts, drop-ins, deleted files that are still open.

    On a disk a file that nobody can have changed is not read again (docs/decisions/0100-when-a-file-is-not-read-again.md); in memory \
    all of it is. Profile (`perf record`): a third of the time is what a start costs; the rest asks systemd, /proc and the services. \
    Done: digests on all cores; types' conformances are not looked up at run time, which was an eighth of the samples.
    """

  func figures(_ sizes: Sizes) -> [RowHeading] {
    [
      RowHeading(
        key: "verify", title: "verify",
        bars: [.most(20, .median("qtctl")), .most(1, .ratio("qtctl", to: "by hand in sh"))])
    ]
  }

  func contenders(_ ground: Ground) throws -> [Contender] {
    let services = ServiceRelease(
      folder: ground.disk, tag: "verify", count: 2, mebibytes: 10, firstPort: 7700, root: ground.disk + "/verified")
    try services.write(service: ground.service)
    let release = services.release(1)
    try Timed.run(["qtctl", "deploy", release, "--quiet"])
    let verify = ["qtctl", "verify", "--quiet", "--no-probe", "--stable", "0s", "--manifest", "\(release)/qtctl.yaml"]
    return [
      Contender(name: "qtctl", isShort: true) { _ in ["verify": try Timed.run(verify)] },
      Contender(name: "by hand in sh", isShort: true) { _ in
        ["verify": try Timed.run(["\(release)/hand", "check", release] + services.words)]
      },
    ]
  }
}

import Measurement

/// How long it takes to start.
struct StartRow: Row {
  let id = "start"
  let title = "Start"
  let how = "`qtctl --version` beside `systemctl --version`: what every command pays before its work."
  let limits = """
    The time of a process's creation and end is in both. Where it goes (`perf stat`, `perf record`): 690 page faults where systemctl \
    has 310, an eighth of the time in the loader (of the relocations, a quarter of a millisecond by `LD_DEBUG=statistics`), the rest in \
    threads and metadata of Swift's runtime. Left: nothing large.
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
    by hand: digests of 20 MB, unit active, the running program is the installed one, an HTTP answer.
    """
  let limits = """
    qtctl looks at more: restarts, drop-ins, deleted files that are still open.

    Profile (`perf record`): half of the processor time reads the 20 MB for their digests, which files in memory do not keep (on a \
    disk they are not read again); a tenth is what a start costs, most of it the language's library and the parser of \
    the command line. Done: digests on all cores. Left: nothing but the start, on a disk.
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

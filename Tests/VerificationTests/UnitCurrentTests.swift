import Deployment
import Glibc
import Testing

@testable import Verification

@Suite struct UnitCurrentTests {
  static let program = FileIdentity(device: 1, inode: 100)
  static let old = FileIdentity(device: 1, inode: 99)

  static func process(
    _ executable: String = "/usr/local/bin/x", deleted: Bool = false, identity: FileIdentity = program,
    arguments: [String] = ["/usr/local/bin/x"], started: Double = 1000
  ) -> ProcessView {
    ProcessView(
      pid: 7, executable: executable, deleted: deleted, identity: identity, arguments: arguments, started: started)
  }

  static func file(
    _ target: String = "/usr/local/bin/x", identity: FileIdentity = program, sha256: String = "aa",
    executable: Bool = true, modified: Double = 0, changed: Double = 0, own: Bool = true
  ) -> InstalledFile {
    InstalledFile(
      target: target, isOwn: own, expected: "aa", identity: identity, sha256: sha256, executable: executable,
      modified: modified,
      changed: changed)
  }

  static let script = process(
    "/usr/bin/python3", identity: FileIdentity(device: 1, inode: 5), arguments: ["python3", "/opt/r.py"])

  @Test(arguments: [
    (process(), [file()], CheckResult.Status.pass, "runs the installed /usr/local/bin/x"),
    (process(), [file(sha256: "bb")], .fail, "not the file that was installed"),
    (process(deleted: true, identity: old), [file()], .fail, "replaced while it ran; restart it"),
    (process(identity: old), [file()], .fail, "another file than the one now at"),
    (process("/usr/bin/y", identity: old), [file()], .warn, "look for a drop-in"),
    (
      process("/usr/sbin/nginx", identity: old), [file("/etc/nginx/nginx.conf", executable: false)], .skip,
      "runs /usr/sbin/nginx"
    ),
    (script, [file("/opt/r.py", executable: false, modified: 900, changed: 999)], .pass, "script /opt/r.py"),
    (script, [file("/opt/r.py", modified: 1001, changed: 1001)], .fail, "changed after the process started"),
    (script, [file("/opt/r.py", modified: 900, changed: 1001)], .warn, "name or attributes changed"),
    (script, [file("/opt/r.py", sha256: "bb")], .fail, "not the script that was installed"),
  ])
  func theRunningProcessIsTheInstalledFile(
    process: ProcessView, files: [InstalledFile], status: CheckResult.Status, words: String
  ) {
    let result = UnitCurrent.judge(
      ExpectedUnit("x.service"), .init(main: .success(process), processes: [process], files: files))
    #expect(result.status == status, "\(result.detail)")
    #expect(result.detail.contains(words), "\(result.detail)")
  }

  @Test func aProcessThatCannotBeLookedAtFails() {
    let result = UnitCurrent.judge(
      ExpectedUnit("x.service"), .init(main: .failure(ProbeError("the process has ended")), files: [Self.file()]))
    #expect(result.status == .fail)
  }

  @Test func theKernelTellsWhatThisVeryProcessRuns() throws {
    let own = try ProcessView.look(at: Int(getpid())).get()
    #expect(!own.deleted)
    #expect(own.arguments.count > 0)
    let file = try #require(try FileView.look(at: own.executable).get())
    #expect(file.identity == own.identity)
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    #expect(own.started < now.seconds && own.started > now.seconds - 3600)
  }

  @Test func aProcessThatIsGoneIsSaidToHaveEnded() {
    #expect(throws: ProbeError("/proc/4194999: the process has ended")) { try ProcessView.look(at: 4_194_999).get() }
  }

  static let module = file(
    "/srv/app/lib/version.py", identity: FileIdentity(device: 1, inode: 7), executable: false, modified: 900,
    changed: 1001, own: false)

  static func worker(_ change: (inout ProcessView) -> Void) -> ProcessView {
    var worker = process("/usr/bin/python3", identity: old, arguments: ["python3", "-m", "app"])
    change(&worker)
    return worker
  }

  @Test func aProcessOlderThanAFileThatItUsesFails() {
    func status(_ worker: ProcessView, since: Double?, leaves: Bool = false) -> CheckResult {
      UnitCurrent.judge(
        ExpectedUnit("x.service"),
        .init(
          main: .success(Self.process()), processes: [Self.process(), worker], files: [Self.file(), Self.module],
          since: since, leavesProcesses: leaves))
    }
    let beside = Self.worker {
      $0.searchPath = ["/srv/app"]; $0.pid = 8
    }
    let stale = status(beside, since: 1000.5)
    #expect(stale.status == .fail && stale.detail.contains("pid 8 started before /srv/app/lib/version.py"), "\(stale)")
    // It was swapped by no transaction that is looked at, and its content is older than the process.
    #expect(status(beside, since: nil).status == .pass)
    // What it does not use does not matter.
    #expect(status(Self.worker { $0.searchPath = ["/srv/other"] }, since: 1000.5).status == .pass)
    #expect(
      status(
        Self.worker {
          $0.started = 1002; $0.searchPath = ["/srv/app"]
        }, since: 1000.5
      ).status == .pass)
    let left = status(
      Self.worker {
        $0.searchPath = ["/srv/app"]; $0.pid = 8
      }, since: 1000.5, leaves: true)
    #expect(left.status == .warn && left.detail.contains("KillMode="), "\(left)")
  }

  @Test func anOldVersionOfAFileThatIsStillOpenFails() {
    let worker = Self.worker { $0.deletedFiles = ["/srv/app/lib/version.py"] }
    let result = UnitCurrent.judge(
      ExpectedUnit("x.service"), .init(main: .success(worker), processes: [worker], files: [Self.module]))
    #expect(result.status == .fail && result.detail.contains("deleted version of /srv/app/lib/version.py open"))
  }

  @Test func theFilesOfAProcessAreThoseThatItHasOpenNowAndHadBefore() throws {
    try Scratch.with { folder in
      for name in ["kept", "gone"] { try Scratch.write("x", to: "\(folder)/\(name)") }
      let descriptors = ["kept", "gone"].map { open("\(folder)/\($0)", O_RDONLY | O_CLOEXEC) }
      defer { descriptors.forEach { close($0) } }
      unlink("\(folder)/gone")
      let own = try #require(ProcessView.look(atGroup: "/none", orAt: Int(getpid())).first)
      #expect(own.files.contains("\(folder)/kept") && own.deletedFiles.contains("\(folder)/gone"))
      #expect(!own.files.contains("\(folder)/gone"))
    }
  }
}

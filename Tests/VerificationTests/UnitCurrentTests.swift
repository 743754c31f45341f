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
    executable: Bool = true, modified: Double = 0, changed: Double = 0
  ) -> InstalledFile {
    InstalledFile(
      target: target, expected: "aa", identity: identity, sha256: sha256, executable: executable, modified: modified,
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
    let result = UnitCurrent.judge("x.service", .init(process: .success(process), files: files))
    #expect(result.status == status, "\(result.detail)")
    #expect(result.detail.contains(words), "\(result.detail)")
  }

  @Test func aProcessThatCannotBeLookedAtFails() {
    let result = UnitCurrent.judge(
      "x.service", .init(process: .failure(ProbeError("the process has ended")), files: [Self.file()]))
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
}

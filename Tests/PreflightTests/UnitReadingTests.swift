@testable import Deployment
import Preflight
import Systemd
import Testing
import Units

@Suite("Reading units before they are installed")
struct UnitReadingTests {
  @Test("takes settings apart as systemd does")
  func settings() {
    let text = UnitText(
      "[Unit]\nUser=not\n[Service]\n# User=a\nUser = b \nExecStart=/bin/a \\\n# between\n  --long\n;x\nUser=\n")
    #expect(text.service(["User"]).map(\.value) == ["b", ""])
    #expect(text.service(["ExecStart"]).map(\.value) == ["/bin/a  --long"])
  }

  @Test("takes Windows line ends, a byte-order mark and lines between as systemd does")
  func lineEnds() {
    let text = UnitText(
      "\u{FEFF}[Service]\r\nUser=a\r\nExecStart=/bin/a \\\r\n\r\n; x\r\n  --long\r\nGroup=b\\\\\rType=c")
    #expect(text.service(["User", "Type"]).map(\.value) == ["a", "c"])
    #expect(text.service(["ExecStart"]).map(\.value) == ["/bin/a  --long"])
    #expect(text.service(["Group"]).map(\.value) == ["b\\\\"])
  }

  @Test(
    "puts a unit's own name into its text",
    arguments: [
      ("a.service", "%n %N %p %i %%n %h", "a.service a a  %%n %h"),
      ("a@b-c.service", "%n|%p|%i|%I|%f", "a@b-c.service|a|b-c|b/c|/b/c"),
      ("x-y.service", "%P %j 100%", "x/y y 100%"), ("a@b\\x2dc.service", "%I", "b-c"),
    ])
  func specifiers(_ unit: String, _ text: String, _ expanded: String) {
    #expect(UnitName(unit).expand(text) == expanded)
  }

  @Test("looks where systemd looks for files and drop-ins")
  func names() {
    #expect(UnitName("a-b@c.service").files == ["a-b@c.service", "a-b@.service"])
    #expect(UnitName("a-b-c.service").dropInFolders == ["a-b-c.service.d", "a-b-.service.d", "a-.service.d"])
  }

  @Test(
    "finds the paths in command lines and nothing else",
    arguments: [
      ("/etc/a.conf", "/etc/a.conf"), ("--config=/etc/a.conf", "/etc/a.conf"), ("-c=/x", "/x"), ("a=/x", nil),
      ("--x", nil),
      ("$A", nil), ("unix:/run/x", nil), ("daemon on; error_log /x;", nil), ("--url=http://x/", nil),
    ] as [(String, String?)])
  func paths(_ argument: String, _ path: String?) {
    #expect(PlannedUnit.path(argument) == path)
  }

  @Test(
    "gives a user the right of its class alone, as the kernel does",
    arguments: [
      (UInt32(7), 0o400, true), (7, 0o044, false), (8, 0o040, true), (8, 0o404, false), (9, 0o004, true),
      (9, 0o440, false),
      (0, 0o000, true),
    ] as [(UInt32, UInt32, Bool)])
  func rights(_ user: UInt32, _ mode: UInt32, _ may: Bool) {
    var state = FileState(.file)
    (state.owner, state.group, state.mode) = (7, 70, mode)
    #expect(Credentials(user: user, groups: user == 8 ? [70] : []).may(4, state) == may)
  }

  @Test("counts what systemd-analyze says of files that the release changes, under their own names")
  func words() {
    func file(_ path: String, _ isNew: Bool) -> PlannedFileSystem.File {
      PlannedFileSystem.File(path: path, content: path, state: FileState(.file), isNew: isNew)
    }
    let copies = UnitCopies(
      folder: "/run/x", units: ["a.service"],
      originals: [
        "/run/x/a.service": file("/etc/a.service", true), "/run/x/a.service.d/o.conf": file("/lib/o.conf", false),
      ])
    #expect(copies.finding("/run/x/a.service:3: Unknown key")?.hasPrefix("/etc/a.service:3: Unknown key") == true)
    #expect(copies.finding("a.service: Service has no ExecStart=")?.contains("no ExecStart=") == true)
    for line in [
      "/run/x/a.service.d/o.conf:1: Unknown key", "/lib/systemd/system/dbus.service:1: Unknown key",
      "a.service: Command /opt/a is not executable: No such file or directory", "b.service: x",
    ] { #expect(copies.finding(line) == nil) }
  }
}

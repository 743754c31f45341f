import Deployment
import FileOperations
import Glibc
import Testing

@testable import Units

@Suite("Who uses a file")
struct FileUseTests {
  let sandbox: Sandbox
  private var root: String { sandbox.root }

  init() throws { sandbox = try Sandbox() }

  private func link(_ path: String, to target: String) throws {
    try TestFiles.write("", to: root + path)
    unlink(root + path)
    try #require(symlink(target, root + path) == 0)
  }

  private func users(_ index: PathIndex, _ path: String) -> [String] { index.uses(of: root + path).map(\.unit) }

  @Test(
    "is read from the words of command lines",
    arguments: [
      ("/etc/a.conf", ["/etc/a.conf"]), ("--x=/p/q", ["/p/q"]), ("-I/usr/include", ["/usr/include"]),
      ("/etc/my file.conf", ["/etc/my file.conf", "/etc/my"]), ("/p/", ["/p"]), ("@/p", ["/p"]), ("x/y", []), ("/", []),
      ("https://host/path", []), ("cd /srv/app && exec ./run >/var/log/x", ["/srv/app", "/var/log/x"]),
      ("A='/one:/two';[ -f \"/three\" ]", ["/one", "/two", "/three"]),
    ] as [(String, [String])])
  func words(_ word: String, _ paths: [String]) {
    #expect(Set(PathWords.paths(in: word)) == Set(paths))
  }

  @Test("is whoever names it, and whoever looks for files in a folder above it")
  func exactAndTree() throws {
    try TestFiles.write("", to: root + "/app/lib/version.py")
    var index = PathIndex()
    index.add(root + "/app/run.py", PathUse(unit: "a.service", how: ""))
    index.add(tree: root + "/app", PathUse(unit: "b.service", how: ""))
    index.add(tree: "/usr/lib", PathUse(unit: "c.service", how: ""))
    #expect(users(index, "/app/run.py") == ["a.service", "b.service"])
    #expect(users(index, "/app/lib/version.py") == ["b.service"])
    #expect(users(index, "/application/x").isEmpty)
    #expect(index.uses(of: "/usr/lib/x").isEmpty)
  }

  @Test("does not include those who only look into the folder of what systemd itself reads")
  func environmentFile() throws {
    try TestFiles.write("A=1\n", to: root + "/app/a.env")
    var index = PathIndex()
    index.add(tree: root + "/app", PathUse(unit: "a.service", how: ""))
    index.add(root + "/app/b.env", PathUse(unit: "b.service", how: ""), readByManager: true)
    #expect(users(index, "/app/b.env") == ["b.service"])
  }

  @Test("is whoever comes to it through a symlink, and to whatever a symlink leads that changes")
  func symlinks() throws {
    try TestFiles.write("", to: root + "/releases/1/bin/app")
    try link("/current", to: "releases/1")
    try link("/bin", to: root + "/current/bin")
    var index = PathIndex()
    index.add(root + "/bin/app", PathUse(unit: "a.service", how: ""))
    #expect(users(index, "/releases/1/bin/app") == ["a.service"])
    #expect(users(index, "/current") == ["a.service"])
    #expect(users(index, "/bin") == ["a.service"])
    #expect(users(index, "/releases/1/bin/other").isEmpty)
  }

  @Test("is a process that has it open, mapped or as its program")
  func processes() throws {
    let text = """
      7f0-7f1 r-xp 00000000 fe:00 99   /usr/lib/a b.so
      7f1-7f2 rw-p 00000000 00:00 0
      7f2-7f3 r-xp 00000000 fe:00 98   /usr/lib/odd\\012name
      7f3-7f4 r-xp 00000000 00:00 0    [vdso]
      """
    #expect(ProcessPaths.mapped(text) == ["/usr/lib/a b.so", "/usr/lib/odd\nname"])
    for (path, text) in [
      ("/groups/a.service/cgroup.procs", ""), ("/groups/a.service/sub/cgroup.procs", "7\n"),
      ("/groups/cgroup.procs", ""), ("/proc/7/maps", "0-1 r-xp 0 fe:00 9 \(root)/lib.so (deleted)\n"),
      ("/proc/7/cmdline", "app\0--config=/etc/app.conf\0"),
    ] { try TestFiles.write(text, to: root + path) }
    try link("/proc/7/exe", to: "/opt/app (deleted)")
    try link("/proc/7/cwd", to: "/srv/app")
    try link("/proc/7/fd/3", to: "/var/lib/app.db")
    let found = ProcessPaths(proc: root + "/proc", groups: root + "/groups").uses(group: "/a.service")
    #expect(
      Set(found.map(\.path)) == [
        "/opt/app", "/srv/app", "/etc/app.conf", "/var/lib/app.db", "\(root)/lib.so",
      ])
    #expect(found.first { $0.path == "/srv/app" }?.isFolder == true)
  }
}

@Suite("Units are started and stopped in the order that they ask for")
struct JobOrderTests {
  @Test(
    "whatever order they are listed in",
    arguments: [
      (["a", "b", "c"], [:], ["a", "b", "c"]), (["a", "b"], ["a": ["b"]], ["b", "a"]),
      (["a", "b", "c"], ["a": ["c"], "c": ["b"]], ["b", "c", "a"]),
      (["a", "b"], ["a": ["b"], "b": ["a"]], ["b", "a"]),
      (["a"], ["a": ["x"]], ["a"]),
    ] as [([String], [String: Set<String>], [String])])
  func order(_ units: [String], _ after: [String: Set<String>], _ ordered: [String]) {
    #expect(JobOrder(units, after: after).ordered == ordered)
  }

  @Test(
    "and none of them is the one that this process runs in",
    arguments: [
      ("0::/system.slice/a.service\n", "a.service"),
      ("9:name=systemd:/\n0::/system.slice/a.service/sub\n", "a.service"),
      ("1:name=systemd:/system.slice/a.service\n", "a.service"), ("0::/user.slice/session-1.scope\n", nil), ("", nil),
      ("3:cpu:/system.slice/a.service\n0::/init.scope\n", nil),
    ] as [(String, String?)])
  func own(_ text: String, _ unit: String?) {
    #expect(OwnUnit.unit(in: text) == unit)
  }
}

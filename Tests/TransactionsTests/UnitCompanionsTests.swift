import Deployment
import Glibc
import Testing
import Units

@Suite("The companions of a unit")
struct UnitCompanionsTests {
  let sandbox: Sandbox
  private var etc: String { sandbox.root + "/etc" }
  private var local: String { sandbox.root + "/local" }

  init() throws { sandbox = try Sandbox() }

  /// Role by path, as seen from the sandbox.
  private func found(_ unit: String, environment: [String] = []) throws -> [String: UnitArtifact.Role] {
    let all = try UnitCompanions(unit, folders: [etc, local]).all(
      environmentFiles: environment.map { sandbox.root + $0 })
    return Dictionary(uniqueKeysWithValues: all.map { (String($0.path.dropFirst(sandbox.root.count)), $0.role) })
  }

  private func link(_ path: String, to target: String) throws {
    try TestFiles.write("", to: sandbox.root + path)
    unlink(sandbox.root + path)
    try #require(symlink(target, sandbox.root + path) == 0)
  }

  @Test("are its file or that there is none, drop-ins, links and other names; nothing of another unit")
  func all() throws {
    try TestFiles.write("", to: local + "/a.service")
    try TestFiles.write("", to: etc + "/a.service.d/x \"y\"\n.conf")
    try TestFiles.write("", to: etc + "/a.service.d/x.conf.bak")
    try TestFiles.write("", to: etc + "/ab.service.d/x.conf")
    try TestFiles.write("", to: etc + "/odd.wants")
    try link("/etc/multi-user.target.wants/a.service", to: "/lib/systemd/system/a.service")
    try link("/etc/multi-user.target.wants/b.service", to: "/lib/systemd/system/b.service")
    try link("/local/b.service.requires/alias.service", to: "../a.service")
    try link("/etc/alias.service", to: "/lib/systemd/system/a.service")
    #expect(
      try found("a.service") == [
        "/etc/a.service": .unitFile, "/local/a.service": .unitFile, "/etc/a.service.d/x \"y\"\n.conf": .dropIn,
        "/etc/multi-user.target.wants/a.service": .link, "/local/b.service.requires/alias.service": .link,
        "/etc/alias.service": .link,
      ])
  }

  @Test("are those of the template for an instance")
  func template() throws {
    try TestFiles.write("", to: etc + "/a@.service.d/x.conf")
    try link("/etc/multi-user.target.wants/a@1.service", to: "/etc/systemd/system/a@.service")
    try link("/etc/multi-user.target.wants/a@2.service", to: "/etc/systemd/system/a@.service")
    let found = try found("a@1.service")
    #expect(found["/etc/a@.service"] == .unitFile && found["/etc/a@1.service"] == .unitFile)
    #expect(found["/etc/a@.service.d/x.conf"] == .dropIn)
    #expect(found.filter { $0.value == .link }.map(\.key) == ["/etc/multi-user.target.wants/a@1.service"])
  }

  @Test("tell a mask from a unit file that is a link, which is followed")
  func linked() throws {
    try link("/etc/a.service", to: "/dev/null")
    try link("/etc/b.service", to: sandbox.root + "/srv/b.service")
    #expect(try found("a.service")["/etc/a.service"] == .mask)
    let b = try found("b.service")
    #expect(b["/etc/b.service"] == .unitFile && b["/srv/b.service"] == .unitFile)
  }

  @Test("are the environment files, there or not, patterns put to what they match")
  func environment() throws {
    try TestFiles.write("", to: sandbox.root + "/env/one\n.env")
    try link("/env/two.env", to: "../srv/two")
    let found = try found("a.service", environment: ["/env/*.env", "/env/none", "/none/*.env"])
    #expect(
      found.filter { $0.value == .environment }.map(\.key).sorted() == [
        "/env/none", "/env/one\n.env", "/env/two.env", "/srv/two",
      ])
    let package = try UnitCompanions("a.service", folders: []).all(environmentFiles: ["/usr/lib/x.env", "/dev/null"])
    #expect(package.isEmpty)
  }
}

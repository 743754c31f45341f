import Basics
import Deployment
import Manifests
import Preflight
import Testing

@testable import Adoption

@Suite("The manifest of what runs")
struct ManifestTextTests {
  @Test("is read as what was found, whatever the names are")
  func isRead() throws {
    var host = AdoptedHost(name: "shop")
    var file = FileState(.file)
    file.mode = 0o640
    var link = FileState(.symlink)
    link.link = "releases/4 2\"\\"
    var unit = AdoptedUnit(unit: "shop\\x2da.service", state: "as-found", isLenient: true)
    unit.notes = ["a line\nbreak: \u{202e} \"odd\""]
    unit.files = [
      AdoptedFile(target: "/etc/shop/a b: #c.env", state: file, owner: "shop", group: "shop", isEnvironment: true),
      AdoptedFile(target: "/opt/shop/current", state: link, owner: nil, group: nil),
    ]
    host.units = [unit]
    host.trees = [AdoptedTree(target: "/opt/shop/app", exclude: ["*.pyc", "/a \\*/"], users: ["x.service"])]
    host.ports = [
      AdoptedPort(address: "127.0.0.1:8080", unit: "x.service", status: 200, isEphemeral: false),
      AdoptedPort(address: "[::1]:81", unit: "x.service", status: 404, isEphemeral: false),
      AdoptedPort(address: "127.0.0.1:40000", unit: "x.service", status: nil, isEphemeral: true),
    ]
    host.redis = AdoptedRedis(url: "redis://[::1]:6379/0", users: ["x.service"])
    host.redis?.groups = [
      AdoptedGroup(stream: "a: #b", group: "g\"1", isBehind: true),
      AdoptedGroup(stream: "a: #b", group: "nobody's", doubt: "it has no\nconsumer"),
    ]
    let manifest = try Manifest(yaml: ManifestText(host).text, file: "qtctl.yaml")
    #expect(manifest.redis == "redis://[::1]:6379/0")
    #expect(manifest.verify.groups.map(\.stream) == ["a: #b"] && manifest.verify.groups.map(\.group) == ["g\"1"])
    #expect(manifest.verify.groups.first?.severity == .warn)
    let service = try #require(manifest.services.first)
    #expect(service.unit == "shop\\x2da.service" && service.state == .asFound && service.severity == .warn)
    let environment = try #require(service.files.first)
    #expect(environment.target == "/etc/shop/a b: #c.env" && environment.mode == 0o640)
    #expect(environment.secret && environment.keep && environment.owner == "shop")
    #expect(service.files.last?.link == "releases/4 2\"\\")
    #expect(manifest.files.first?.target == "/opt/shop/app")
    #expect(manifest.files.first?.exclude?.hides("a *", isFolder: true) == true)
    #expect(manifest.verify.tcp.map(\.address) == ["127.0.0.1:8080", "[::1]:81"])
    #expect(manifest.verify.http.map(\.url) == ["http://127.0.0.1:8080/"])
  }

  @Test(
    "leaves plain what every reader takes for text",
    arguments: [("/opt/a", "/opt/a"), ("yes", "\"yes\""), ("1.10", "\"1.10\""), ("a: b", "\"a: b\""), ("", "\"\"")])
  func scalars(_ text: String, _ shown: String) {
    #expect(ManifestText.scalar(text) == shown)
  }

  @Test("names the package of a path, also where /usr was merged since")
  func packages() {
    let owners = PackageOwners(
      answer: """
        diversion by dash from: /bin/sh
        redis-server: /lib/systemd/system/redis-server.service
        libc6:amd64, libc6:i386: /usr/share/doc/libc6
        """)
    #expect(owners["/usr/lib/systemd/system/redis-server.service"] == "redis-server")
    #expect(owners["/usr/share/doc/libc6"] == "libc6")
    #expect(owners["/bin/sh"] == nil)
  }

  @Test(
    "takes no folder for a source tree that many programs share",
    arguments: ["/", "/usr/bin", "/etc", "/home", "/var/lib", "/usr/local/bin", "/nowhere/at/all"])
  func shared(_ path: String) {
    #expect(TreeReading.fault(of: path) != nil)
  }
}

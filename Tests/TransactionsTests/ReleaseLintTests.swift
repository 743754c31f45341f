import Deployment
import Releases
import TestSupport
import Testing

@Suite("A look at a manifest that needs no host")
struct ReleaseLintTests {
  private static let manifest = """
    name: shop
    services:
      - unit: shop.service
        files:
          - {source: shop, target: /usr/local/bin/shop}
          - {source: shop.service, target: /etc/systemd/system/shop.service}
    verify: {http: [{url: "http://127.0.0.1/"}]}

    """
  private static let unit = "[Service]\nExecStart=/usr/local/bin/shop\n"

  /// The findings of a release with these files: `status id detail`, those that pass left out.
  private func lint(
    _ manifest: String = Self.manifest, shop: String = "#!/bin/sh\n", mode: UInt32 = 0o755, unit: String = Self.unit
  ) async throws -> [String] {
    try await TemporaryFolder.with { folder in
      try folder.write(manifest, to: "qtctl.yaml")
      try folder.write(shop, to: "shop", mode: mode)
      try folder.write(unit, to: "shop.service")
      return try ReleaseLint(at: folder.path).checks.filter { $0.status != .pass }
        .map { "\($0.status.rawValue) \($0.id) \($0.detail)" }
    }
  }

  @Test("finds nothing wrong with a good release")
  func good() async throws {
    #expect(try await lint() == [])
  }

  @Test("reports every problem of the manifest with its line")
  func problems() async throws {
    try await TemporaryFolder.with { folder in
      let path = try folder.write("name: shop\nservice: []\nverify: {stable: 5}\n", to: "qtctl.yaml")
      let checks = try ReleaseLint(at: path).checks
      #expect(checks.allSatisfy { $0.status == .fail && $0.id == "lint.manifest" })
      #expect(checks.map(\.subject).contains("\(path):2:1"), "\(checks)")
      #expect(checks.count >= 2)
      #expect(checks.first?.evidence["line"] != nil)
    }
  }

  @Test("finds what systemd or the kernel would refuse")
  func units() async throws {
    for (shop, mode, unit, words) in [
      ("#!/bin/sh\n", 0o644, Self.unit, "is not executable"),
      ("#!/bin/sh\r\n", 0o755, Self.unit, "carriage return"),
      ("#!/bin/sh\n", 0o755, "[Service]\nType=simple\n", "has no ExecStart="),
      ("#!/bin/sh\n", 0o755, "[Service]\nExecStart=bin/shop\n", "no absolute path"),
    ] as [(String, UInt32, String, String)] {
      let found = try await lint(shop: shop, mode: mode, unit: unit)
      #expect(found.count == 1 && found.allSatisfy { $0.hasPrefix("fail lint.unit") && $0.contains(words) }, "\(found)")
    }
    let reload = Self.manifest.replacing("/usr/local/bin/shop}", with: "/usr/local/bin/shop, reload: true}")
    #expect(try await lint(reload).contains { $0.contains("no ExecReload=") })
  }

  @Test("looks only at what is here: a source that is not built is a warning, an account of the host is not checked")
  func absent() async throws {
    let manifest = Self.manifest
      .replacing("source: shop,", with: "source: other, owner: no-such-user,")
      .replacing("verify: {http: [{url: \"http://127.0.0.1/\"}]}", with: "verify: {stable: 1s}")
    #expect(
      try await lint(manifest) == [
        "skip lint.account user 'no-such-user' does not exist here; it has to exist on the host",
        "warn lint.source does not exist here; it has to be built before the deploy",
        "warn lint.verify only that the units run is verified; add http, tcp, commands or groups to check what they do",
      ])
  }

  @Test("refuses a source of the wrong kind")
  func kinds() async throws {
    let found = try await lint(Self.manifest.replacing("source: shop,", with: "source: shop, extra: remove,"))
    #expect(found.count == 1 && found.allSatisfy { $0.hasPrefix("fail lint.source") }, "\(found)")
  }
}

internal import Rehearsal

/// A built checkout of the trading services on a site, as an operator has it: `units/` and `.build/release`.
///
/// A new release is built in place: other binaries, another version, more files.
package struct TradingRelease: Sendable {
  package static let folder = "/root/quantum"
  package static let manifest = folder + "/units/qtctl.yaml"
  package static let router = "quantum-ai-strategy-router"
  package static let execution = "quantum-execution"

  /// What each release puts on the host.
  package static let targets = [
    "/usr/local/bin/\(execution)", "/usr/local/bin/\(router)", "/etc/systemd/system/\(execution).service",
    "/etc/systemd/system/\(router).service", "/etc/quantum/execution.env", "/etc/quantum/router.env",
  ]
  /// What release 2 adds.
  package static let added = "/etc/quantum/router.d/release-2.conf"

  let site: Site

  package init(on site: Site) { self.site = site }

  /// Lays out the checkout as it was built, as release `version`.
  ///
  /// - Parameter stable: the window of `verify`, short where nobody wants to wait.
  package func build(_ version: Int, stable: String = "2s") async throws {
    let machine = site.machine
    for name in ["qtctl.yaml", "\(Self.execution).service", "\(Self.router).service", "execution.env", "router.env"] {
      try await machine.copyIn("\(Checkout.root)/units/\(name)", to: "\(Self.folder)/units/\(name)", mode: 0o644)
    }
    for name in [Self.execution, Self.router] {
      let target = "\(Self.folder)/.build/release/\(name)"
      try await machine.copyIn(Checkout.program(name), to: target, mode: 0o755)
      // Another build of the same sources: bytes behind an ELF image change the file and not what it does.
      try await site.sh("printf 'build of release \(version)' >> \(target)")
    }
    try await site.sh(
      """
      sed -i -e 's/^version: .*/version: "\(version)"/' -e 's/stable: .*/stable: \(stable)/' \(Self.manifest)
      grep -q '^version: "\(version)"' \(Self.manifest)
      """)
  }

  /// Adds a file that only this release has.
  package func addFile() async throws {
    try await site.machine.write("added by release 2\n", to: "\(Self.folder)/units/release-2.conf")
    try await site.sh(
      """
      sed -i '/- source: \(Self.router).service/i\\      - {source: release-2.conf, target: \(Self.added)}' \(Self.manifest)
      grep -q 'target: \(Self.added)' \(Self.manifest)
      """)
  }

  /// Puts another program in the place of one of the services.
  package func replace(_ program: String, with script: String) async throws {
    try await site.machine.write(script, to: "\(Self.folder)/.build/release/\(program)", mode: 0o755)
  }

  /// A program that exits at once.
  package static let exitingProgram = "#!/bin/sh\nexit 1\n"
}

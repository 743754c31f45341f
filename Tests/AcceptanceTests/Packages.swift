import FoundationEssentials
import Rehearsal
import Subprocess
import SystemPackage
import TestSupport

/// The Debian package of this checkout's release build, and one of an earlier version to upgrade from.
enum Packages {
  /// Makes `new.deb` and `old.deb`. `packaging/package` runs lintian too, and fails where that has anything to say.
  static func build(in folder: TemporaryFolder) async throws {
    let script = """
      cd "$1"
      packaging/package .build/release "$2"
      mv "$2"/qtctl_*.deb "$2/new.deb"
      dpkg-deb -R "$2/new.deb" "$2/tree"
      sed -i 's/^Version: .*/Version: 0.9.0/' "$2/tree/DEBIAN/control"
      dpkg-deb --root-owner-group -Zgzip -z1 --build "$2/tree" "$2/old.deb"
      """
    let result = try await Subprocess.run(
      .path("/bin/bash"), arguments: ["-euc", script, "bash", Checkout.root, folder.path],
      output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
    guard result.terminationStatus.isSuccess else {
      throw SiteError(description: "\(result.standardOutput)\(result.standardError)")
    }
  }
}

/// What the README asks to be pasted.
enum Readme {
  static func blocks() throws -> (first: String, broken: String) {
    let text = String(decoding: try Data(contentsOf: URL(filePath: Checkout.root + "/README.md")), as: UTF8.self)
    func block(_ name: String) throws -> String {
      guard let rest = text.split(separator: "<!-- \(name) -->\n```sh\n").dropFirst().first,
        let found = rest.split(separator: "```").first
      else { throw SiteError(description: "the README has no block '\(name)'") }
      return String(found)
    }
    return (try block("first deploy"), try block("broken release"))
  }
}

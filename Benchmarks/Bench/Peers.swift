import Glibc
import TestSupport

/// The programs that qtctl is compared with, in a folder of their own: nothing of them is installed on this host.
struct Peers: Codable, Sendable {
  /// The command that runs each, by name.
  var commands: [String: [String]] = [:]
  /// Why another one is not there, by name.
  var absent: [String: String] = [:]
  var versions: [String: String] = [:]

  static let folder = Checkout.root + "/.build/bench"
  private static let packages = ["restic": "restic", "borg": "borgbackup", "rsync": "rsync"]
  private static let modules = ["ansible": "ansible-core", "pyinfra": "pyinfra"]
  private static let venv = Checkout.root + "/.build/tools/venv"

  /// Fetches what is missing, and looks what is there.
  static func setUp(_ say: (String) -> Void) -> Peers {
    var peers = Peers()
    let packages = fetch("packages", fetchPackages, say)
    let modules = fetch("python", fetchModules, say)
    let root = folder + "/root"
    let borg = [
      "/usr/bin/env", "PYTHONPATH=\(root)/usr/lib/python3/dist-packages", "BORG_RELOCATED_REPO_ACCESS_IS_OK=yes",
      "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes", "/usr/bin/python3", "\(root)/usr/bin/borg",
    ]
    let rsync = ["/usr/bin/env", "LD_LIBRARY_PATH=\(root)/usr/lib/x86_64-linux-gnu", "\(root)/usr/bin/rsync"]
    peers.add("restic", ["\(root)/usr/bin/restic"], ["version"], packages)
    peers.add("borg", borg, ["--version"], packages)
    peers.add("rsync", rsync, ["--version"], packages)
    peers.add("pyinfra", ["\(venv)/bin/python", "\(venv)/bin/pyinfra"], ["--version"], modules)
    peers.add("ansible", ["\(venv)/bin/python", "\(venv)/bin/ansible-playbook"], ["--version"], modules)
    for (name, reason) in peers.absent.sorted(by: { $0.key < $1.key }) { say("\(name) is left out: \(reason)") }
    return peers
  }

  private mutating func add(_ name: String, _ command: [String], _ version: [String], _ problem: String?) {
    // One that this host has is taken where none was fetched.
    let own = (Self.packages[name] != nil ? ["/usr/bin/\(name)"] : [])
    for candidate in [command, own] where candidate.last.map({ access($0, R_OK) == 0 }) == true {
      do {
        try Timed.run(candidate + version)
        let line = Timed.said().split(separator: "\n").first.map(String.init) ?? ""
        versions[name] = line.split(separator: " ").map(Self.digits).first { $0.contains(".") } ?? line
        commands[name] = candidate
        return
      } catch {
        absent[name] = "\(error)"
      }
    }
    absent[name] = absent[name] ?? problem ?? "it was not found after it had been fetched"
  }

  /// `[core 2.19.1]` is `2.19.1`.
  private static func digits(_ word: Substring) -> String {
    String(word.drop { !$0.isNumber }.prefix { $0.isNumber || $0 == "." })
  }

  /// Does it once; nil when it is done.
  private static func fetch(_ name: String, _ body: () throws -> Void, _ say: (String) -> Void) -> String? {
    let done = "\(folder)/\(name).done"
    guard access(done, F_OK) != 0 else { return nil }
    say("fetching the \(name) of those that qtctl is compared with into \(folder)")
    do {
      try Timed.sh(#"mkdir -p "$1""#, folder)
      try body()
      try Timed.sh(#": >"$1""#, done)
      return nil
    } catch {
      return "\(error)"
    }
  }

  /// With what they need and this host has not, unpacked.
  private static func fetchPackages() throws {
    try Timed.sh(#"mkdir -p "$1/debs/partial" "$1/root""#, folder)
    let options = [
      "-qq", "-y", "--download-only", "--no-install-recommends", "-o", "Dir::Cache::archives=\(folder)/debs",
    ]
    // Those lists that are here may do.
    _ = try? Timed.run(["apt-get", "-qq", "update"])
    try Timed.run(["apt-get"] + options + ["install"] + packages.values.sorted())
    try Timed.sh(#"for deb in "$1"/debs/*.deb; do dpkg-deb -x "$deb" "$1/root"; done"#, folder)
  }

  private static func fetchModules() throws {
    try Timed.run([Checkout.root + "/.ci/venv"] + modules.values.sorted())
  }
}

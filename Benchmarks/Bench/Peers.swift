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
  /// FastStream with what makes it fast.
  private static let modules = ["ansible-core", "pyinfra", "faststream[redis]", "hiredis", "uvloop"]
  private static let venv = Checkout.root + "/.build/tools/venv"

  /// Fetches what is missing, and looks what is there.
  static func setUp(_ say: (String) -> Void) -> Peers {
    var peers = Peers()
    let packages = fetchPackages(say)
    let modules = fetchModules(say)
    let root = folder + "/root"
    let borg = [
      "/usr/bin/env", "PYTHONPATH=\(root)/usr/lib/python3/dist-packages", "BORG_RELOCATED_REPO_ACCESS_IS_OK=yes",
      "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes", "/usr/bin/python3", "\(root)/usr/bin/borg",
    ]
    let rsync = ["/usr/bin/env", "LD_LIBRARY_PATH=\(root)/usr/lib/x86_64-linux-gnu", "\(root)/usr/bin/rsync"]
    peers.add("restic", ["\(root)/usr/bin/restic"], ["version"], packages)
    peers.add("borg", borg, ["--version"], packages)
    peers.add("rsync", rsync, ["--version"], packages)
    let python = "\(venv)/bin/python"
    peers.add("pyinfra", [python, "\(venv)/bin/pyinfra"], ["--version"], modules)
    peers.add("ansible", [python, "\(venv)/bin/ansible-playbook"], ["--version"], modules)
    let imports =
      "import faststream.redis, hiredis, importlib.metadata, uvloop; print(importlib.metadata.version('faststream'))"
    peers.add("faststream", [python], ["-c", imports], modules)
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
        absent[name] = problem ?? "\(error)"
      }
    }
    let reason = absent[name] ?? problem ?? "it was not found after it had been fetched"
    absent[name] = reason.replacing(Checkout.root + "/", with: "")
  }

  /// `[core 2.19.1]` is `2.19.1`.
  private static func digits(_ word: Substring) -> String {
    String(word.drop { !$0.isNumber }.prefix { $0.isNumber || $0 == "." })
  }

  /// Unpacks them once, with what they need and this host has not; returns why that was not possible.
  private static func fetchPackages(_ say: (String) -> Void) -> String? {
    let done = "\(folder)/packages.done"
    guard access(done, F_OK) != 0 else { return nil }
    say("fetching \(packages.values.sorted().joined(separator: ", ")) into \(folder)")
    let options = [
      "-qq", "-y", "--download-only", "--no-install-recommends", "-o", "Dir::Cache::archives=\(folder)/debs",
    ]
    return failure {
      try Timed.sh(#"mkdir -p "$1/debs/partial" "$1/root""#, folder)
      // Those lists that are here may do.
      _ = try? Timed.run(["apt-get", "-qq", "update"])
      try Timed.run(["apt-get"] + options + ["install"] + packages.values.sorted())
      try Timed.sh(#"for deb in "$1"/debs/*.deb; do dpkg-deb -x "$deb" "$1/root"; done; : >"$2""#, folder, done)
    }
  }

  /// Of the one venv of this checkout; what is there stays as it is.
  private static func fetchModules(_ say: (String) -> Void) -> String? {
    say("fetching \(modules.joined(separator: ", ")) into \(venv), where missing")
    return failure { try Timed.run([Checkout.root + "/.ci/venv"] + modules) }
  }

  private static func failure(of body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch {
      return "\(error)"
    }
  }
}

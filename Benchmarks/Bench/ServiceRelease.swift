/// Two releases of the same services, of one contender alone: a program of some MiB each, and a configuration file or a unit.
/// The services answer as soon as they are started, so that what is measured is the tool and not the service.
struct ServiceRelease {
  let folder: String
  /// Tells the services of one contender from those of another.
  let tag: String
  let count: Int
  let mebibytes: Int
  let firstPort: Int
  /// Whether the services ignore SIGTERM, and are killed after two seconds.
  var isDeaf = false
  /// Whether a release brings units, of which systemd has to be told, rather than configuration files.
  var bringsUnits = false
  /// The folder under which all but units is installed; empty for the host's own places.
  var root = ""

  /// A file of a release, and where it is installed.
  struct File {
    let name: String
    let target: String
    let mode: String
  }

  var names: [String] { (1...count).map { "bench-\(tag)-\($0)" } }
  var ports: [UInt16] { (0..<count).map { UInt16(clamping: firstPort + $0) } }
  /// As the script by hand takes them.
  var words: [String] { zip(names, ports).map { "\($0):\($1)" } }

  func release(_ version: Int) -> String { "\(folder)/\(tag)/release-\(version)" }

  /// Of one service: its program first.
  func files(of name: String) -> [File] {
    [
      File(name: name, target: programs + name, mode: "0755"),
      File(name: second(name), target: secondFolder + second(name), mode: "0644"),
    ]
  }

  private var secondFolder: String { bringsUnits ? "/etc/systemd/system/" : root + "/etc/quantum-bench/" }
  private var programs: String { root + "/usr/local/bin/" }
  private func second(_ name: String) -> String { name + (bringsUnits ? ".service" : ".conf") }

  /// Writes both releases, and what they find on the host.
  func write(service: String) throws {
    for version in [1, 2] {
      for (name, port) in zip(names, ports) {
        let (program, other) = (files(of: name)[0], files(of: name)[1])
        let text = bringsUnits ? unit(name, port, "\(version)") : "\(version)\n"
        try Timed.sh(
          Self.files, release(version), name, service, "\(mebibytes)", other.name, text, program.target, other.target)
      }
      let hand = HandScript.text(
        programs: programs, second: secondFolder, suffix: second(""), reloads: bringsUnits)
      try Timed.sh(
        #"cd "$1"; printf %s "$2" >qtctl.yaml; printf %s "$3" >hand; chmod +x hand"#, release(version),
        manifest(version), hand)
    }
    guard !bringsUnits else { return }
    for (name, port) in zip(names, ports) {
      try Timed.sh(
        #"mkdir -p "$3"; printf %s "$2" >"/etc/systemd/system/$1.service""#, name,
        unit(name, port, secondFolder + second(name)), secondFolder)
    }
    try Timed.run(["systemctl", "daemon-reload"])
  }

  /// What the installed files are to be, as the script by hand checks it, beside the program and the other file.
  private static let files = #"""
    mkdir -p "$1"; cd "$1"
    cp "$3" "$2"
    padding=$(($4 * 1048576 - $(stat -c %s "$2")))
    [ "$padding" -gt 16 ] || padding=16
    head -c "$padding" /dev/urandom >>"$2"; chmod 0755 "$2"
    printf %s "$6" >"$5"
    echo "$(sha256sum <"$2" | cut -d ' ' -f 1)  $7" >>SHA256SUMS
    echo "$(sha256sum <"$5" | cut -d ' ' -f 1)  $8" >>SHA256SUMS
    """#

  private func unit(_ name: String, _ port: UInt16, _ version: String) -> String {
    """
    [Unit]
    Description=\(name) of the benchmark

    [Service]
    Type=notify
    ExecStart=\(programs)\(name) \(port) \(version)\(isDeaf ? " deaf" : "")
    \(isDeaf ? "TimeoutStopSec=2s" : "")

    """
  }

  private func manifest(_ version: Int) -> String {
    """
    name: bench-\(tag)
    version: "\(version)"
    start: together
    services:
    \(names.map { name in """
        - unit: \(name).service
          files:
      \(files(of: name).map { "      - {source: \($0.name), target: \($0.target), mode: \"\($0.mode)\"}\n" }.joined())
      """ }.joined())backups: {directory: /var/backups/bench-\(tag), keep: 3}
    verify:
      stable: 0s
      http:
    \(ports.map { "    - {url: \"http://127.0.0.1:\($0)/\"}\n" }.joined())
    """
  }
}

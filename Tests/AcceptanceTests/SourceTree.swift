import Rehearsal
import TestSupport

/// A host as people set it up by hand: Python services on one source tree, environment files of several units, a timer,
/// units that hang together, one that is stopped on purpose and one that crashes all the time. And releases of it, with
/// every file listed.
struct SourceTree {
  static let folder = "/root/tree"
  static let services = (0..<8).map { "tr-\($0)" }
  /// The first four.
  static let environmentUsers = Set(services.prefix(4))

  let site: Site
  /// Whether the releases name the folders, and not each file.
  let asFolders: Bool

  func folder(_ name: String) -> String { Self.folder + "/" + name }

  /// Sets the host up with version 1, and starts it.
  init(on site: Site, asFolders: Bool = false) async throws {
    self.site = site
    self.asFolders = asFolders
    try await write("v1", code: "1", environment: "1")
    try await site.sh(
      """
      mkdir -p /opt/tree/lib /opt/tree/services /etc/tree /run/tree
      cd \(folder("v1")); cp lib/* /opt/tree/lib; cp services/* /opt/tree/services; cp *.env /etc/tree
      cp units/* /etc/systemd/system; systemctl daemon-reload
      systemctl enable -q tr-[0-7].service tr-crash.service; systemctl start tr-[0-7].service tr-job.timer
      systemctl start --no-block tr-crash.service
      """.replacing("tr-[0-7].service", with: Self.services.joined(separator: " ")))
    try await site.wait(for: "[ $(cat /run/tree/* | wc -l) = 8 ]")
    // It has crashed before now.
    try await site.wait(for: "[ $(systemctl show -P NRestarts tr-crash) -gt 0 ]")
  }

  /// Lays a release out.
  func write(_ name: String, code: String, environment: String, broken: Bool = false) async throws {
    let folder = folder(name)
    try await site.machine.write(Self.code(broken), to: folder + "/lib/main.py")
    try await site.machine.write("VERSION = \"\(code)\"\n", to: folder + "/lib/version.py")
    try await site.machine.write("", to: folder + "/lib/__init__.py")
    try await site.machine.write("ENVIRONMENT=\(environment)\n", to: folder + "/first.env")
    try await site.machine.write("ENVIRONMENT=same\n", to: folder + "/second.env")
    for (place, unit) in Self.services.enumerated() {
      try await site.machine.write(
        "from lib.main import run\nrun(\"\(unit)\")\n", to: folder + "/services/s\(place).py")
      try await site.machine.write(Self.unit(place), to: folder + "/units/\(unit).service")
    }
    try await site.machine.write("from lib.version import VERSION\nprint(VERSION)\n", to: folder + "/services/job.py")
    for (unit, text) in Self.others { try await site.machine.write(text, to: folder + "/units/" + unit) }
    try await site.machine.write(try await manifest(folder), to: folder + "/qtctl.yaml")
  }

  private func manifest(_ folder: String) async throws -> String {
    let sources =
      asFolders
      ? """
      printf '  - {source: lib, target: /opt/tree/lib, exclude: ["/data/", __pycache__]}\\n'
      printf '  - {source: services, target: /opt/tree/services, restarts: [{files: "s3.py", units: [tr-3.service]}]}\\n'

      """ : "find lib services -type f -printf '  - {source: %p, target: /opt/tree/%p}\\n'; "
    let files = try await site.sh(
      "cd \(folder); " + sources
        + "find . -name '*.env' -printf '  - {source: %f, target: /etc/tree/%f}\\n'; "
        + "find units -type f -printf '  - {source: %p, target: /etc/systemd/system/%f}\\n'")
    let units = Self.services.map { $0 + ".service" } + ["tr-job.timer", "tr-job.service", "tr-crash.service"]
    return "name: tree\nstart: together\nfiles:\n\(files)services:\n"
      + units.map { "  - {unit: \($0)}\n" }.joined() + "  - {unit: tr-idle.service, state: stopped}\n"
      + "backups: {directory: /var/backups/tree}\nverify: {stable: 1s}\n"
  }

  private static func code(_ broken: Bool) -> String {
    """
    import os, signal, sys, time
    from lib.version import VERSION
    \(broken ? "raise RuntimeError('broken')" : "")
    def run(unit):
        with open("/run/tree/" + unit, "w") as f: f.write(VERSION + " " + os.environ["ENVIRONMENT"] + "\\n")
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        while True: time.sleep(3600)

    """
  }

  private static let python =
    "WorkingDirectory=/opt/tree\nEnvironment=\"PYTHONPATH=/opt/tree\" PYTHONDONTWRITEBYTECODE=1\n"

  /// Every second one with the lines of Windows; one needs another, one is part of another.
  private static func unit(_ place: Int) -> String {
    let section = place == 5 ? "Requires=tr-4.service\nAfter=tr-4.service\n" : place == 6 ? "PartOf=tr-0.service\n" : ""
    let program = place % 3 == 0 ? "-m services.s\(place)" : "/opt/tree/services/s\(place).py"
    let text =
      "[Unit]\n\(section)[Service]\n\(python)EnvironmentFile=/etc/tree/\(place < 4 ? "first" : "second").env\n"
      + "ExecStart=/usr/bin/python3 \(program)\nRestart=always\nRestartSec=1\n[Install]\nWantedBy=multi-user.target\n"
    return place % 2 == 0 ? text : text.replacing("\n", with: "\r\n")
  }

  private static let others = [
    "tr-job.service":
      "[Unit]\nStartLimitIntervalSec=0\n[Service]\nType=oneshot\n\(python)StandardOutput=append:/run/tree-job\n"
      + "ExecStart=/usr/bin/python3 -m services.job\n",
    "tr-job.timer": "[Timer]\nOnActiveSec=1s\nOnUnitActiveSec=1s\nAccuracySec=50ms\n",
    "tr-crash.service":
      "[Unit]\nStartLimitIntervalSec=0\n[Service]\n\(python)ExecStart=/usr/bin/python3 -c 'import lib.version; raise SystemExit(1)'\n"
      + "Restart=always\nRestartSec=2\n[Install]\nWantedBy=multi-user.target\n",
    "tr-idle.service": "[Service]\nExecStart=/bin/sleep infinity\n",
  ]

  // MARK: Looking

  /// What each process started with: version and environment, by service.
  func seen() async throws -> [String] {
    try await site.sh("cat \(Self.services.map { "/run/tree/\($0)" }.joined(separator: " "))")
      .split(separator: "\n").map(String.init)
  }

  /// The services whose invocation is another one than then.
  func restarted(since then: [String: String]) async throws -> Set<String> {
    let now = try await invocations()
    return Set(Self.services.filter { now[$0] != then[$0] })
  }

  func invocations() async throws -> [String: String] {
    let text = try await site.sh(
      "for u in \(Self.services.joined(separator: " ")); do echo $u $(systemctl show -P InvocationID $u); done")
    return Dictionary(
      text.split(separator: "\n").map { ($0.split(separator: " ")[0], $0.split(separator: " ")[1]) }
        .map { (String($0), String($1)) }
    ) { first, _ in first }
  }

  /// How often systemd has started each, in the order of the services.
  func starts() async throws -> [Int] {
    try await site.sh(
      "for u in \(Self.services.joined(separator: " ")); do journalctl -u $u -o cat | grep -c \"^Started $u\"; done"
    ).split(separator: "\n").compactMap { Int($0) }
  }
}

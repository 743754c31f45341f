import Deployment
import FileOperations
import Systemd

/// Without root, much of the host cannot be seen.
enum Rights: Examination {
  static let id = "rights"

  static func findings(on host: HostView) -> [Finding] {
    guard !Caller.isRoot else { return [] }
    return [
      .unseen("host", "qtctl's records and the processes of others, without root; run: sudo qtctl doctor")
    ]
  }
}

/// What qtctl builds on is too old for it.
enum Versions: Examination {
  static let id = "host.version"
  /// The oldest systemd that qtctl is tested with.
  private static let systemd = 252

  static func findings(on host: HostView) -> [Finding] {
    let digits = host.systemdVersion?.prefix { $0.isASCII && $0.isNumber }
    guard let digits, let version = Int(digits), version < systemd else { return [] }
    return [
      Finding(
        "systemd", "version \(version) is older than \(systemd), which qtctl needs",
        fix: "apt-get install --only-upgrade systemd")
    ]
  }
}

/// The clock runs free: times in the journal, and deadlines of messages, drift apart from those of other hosts.
enum UnsetClock: Examination {
  static let id = "clock"
  private static let services: Set = [
    "systemd-timesyncd.service", "chrony.service", "chronyd.service", "ntp.service", "ntpd.service", "ntpsec.service",
    "openntpd.service", "phc2sys.service",
  ]

  static func findings(on host: HostView) -> [Finding] {
    // The clock of a container is its host's.
    guard !host.isContainer, !host.services.contains(where: { services.contains($0.unit) && $0.isActive }) else {
      return []
    }
    return [Finding("clock", "no time service keeps it right", fix: "timedatectl set-ntp true")]
  }
}

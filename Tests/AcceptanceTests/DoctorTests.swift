import Deployment
import Rehearsal
import TestSupport
import Testing

@Suite("A look at a host for what is wrong")
struct DoctorTests {
  @Test("finds each fault of a host, with the command that fixes it, changes nothing, and finds none on a good host")
  func findsEachFault() async throws {
    try await Site.with(name: "doctor") { site in
      try await Self.makeGood(site)
      let good = try await site.qtctl("doctor")
      #expect(good.exit == 0 && good.checks.isEmpty, "\(good)")

      for fault in Self.faults {
        try await site.sh(fault.make, within: .seconds(90))
        let before = try await Self.picture(site)
        let found = try await site.qtctl("doctor")
        #expect(try await Self.picture(site) == before, "\(fault.id)")
        let finding = found.checks.first { $0.id == fault.id && $0.subject.contains(fault.subject) }
        #expect(found.exit == 30 && finding?.status == .fail, "\(fault.id) of \(fault.subject): \(found)")
        #expect(finding?.detail.contains("run: \(fault.fix)") == true, "\(fault.id): \(found)")
        // Nothing else is blamed for it.
        #expect(found.checks.count == 1, "\(fault.id): \(found)")
        try await site.sh(fault.undo, within: .seconds(90))
        let after = try await site.qtctl("doctor")
        #expect(after.exit == 0 && after.checks.isEmpty, "after \(fault.id): \(after)")
      }
    }
  }

  struct Fault {
    var id: String
    var subject: String
    /// How the fault comes about, and how its fix, or more than that, takes it away.
    var make: String
    var fix: String
    var undo: String
  }

  private static func makeGood(_ site: Site) async throws {
    try await site.machine.copyIn(
      Checkout.root + "/units/qtctl-recover.service", to: "/usr/local/lib/systemd/system/qtctl-recover.service",
      mode: 0o644)
    try await site.sh(
      """
      systemctl enable -q qtctl-recover.service
      redis-cli CONFIG SET appendonly yes >/dev/null
      mkdir -p /var/log/journal
      rm -rf /etc/systemd/system/*.qtctl-staged
      """)
    try await PlainRelease.deploy("1", to: site)
  }

  /// What a look must leave as it is.
  private static func picture(_ site: Site) async throws -> String {
    try await site.sh(
      """
      find /etc /var/lib/qtctl /var/backups /usr/local -printf '%p %T@ %m %s\\n' | sort
      redis-cli CONFIG GET '*' | md5sum
      systemctl show -P InvocationID plain.service redis-server.service
      """)
  }

  private static let unit = "/etc/systemd/system/ill.service"
  /// A service of the host's own with a copy of sleep for a program.
  static func service(_ lines: String) -> String {
    """
    printf '[Service]\\n\(lines)\\n' > \(unit)
    systemctl daemon-reload
    systemctl start --no-block ill.service
    """
  }
  static let removed = "systemctl stop ill.service; rm -rf \(unit)*; systemctl daemon-reload"

  private static let faults = unitFaults + hostFaults + securityFaults + toolFaults

  private static let unitFaults = [
    Fault(
      id: "unit.reload", subject: "plain.service",
      make: "sleep 1; echo '# changed' >> /etc/systemd/system/plain.service; touch /etc/systemd/system/plain.service",
      fix: "systemctl daemon-reload", undo: "systemctl daemon-reload"),
    Fault(
      id: "unit.reload", subject: "redis-server.service",
      make: "mkdir /etc/systemd/system/redis-server.service.d; "
        + "echo '[Service]' > /etc/systemd/system/redis-server.service.d/a.conf",
      fix: "systemctl daemon-reload",
      undo: "rm -r /etc/systemd/system/redis-server.service.d; systemctl daemon-reload"),
    Fault(
      id: "unit.hidden", subject: "nginx.service",
      make: "cp /usr/lib/systemd/system/nginx.service /etc/systemd/system/; systemctl daemon-reload",
      fix: "systemctl revert nginx.service", undo: "systemctl revert nginx.service 2>/dev/null"),
    Fault(
      id: "unit.crashloop", subject: "ill.service",
      make: service("ExecStart=/bin/false\\nRestart=always\\nRestartSec=200ms\\n[Unit]\\nStartLimitIntervalSec=0")
        + "\nwhile [ $(systemctl show -P NRestarts ill.service) -lt 4 ]; do sleep 0.2; done",
      fix: "journalctl -u ill.service -n 50", undo: removed),
    Fault(
      id: "unit.deleted", subject: "ill.service",
      make: "cp /bin/sleep /usr/local/bin/ill\n" + service("ExecStart=/usr/local/bin/ill infinity")
        + "\nsleep 0.5; rm /usr/local/bin/ill",
      fix: "systemctl restart ill.service", undo: removed),
    Fault(
      id: "unit.outdated", subject: "ill.service",
      make: "printf '#!/bin/sh\\nsleep infinity\\n' > /usr/local/bin/ill.sh; chmod 755 /usr/local/bin/ill.sh\n"
        + service("ExecStart=/usr/local/bin/ill.sh") + "\nsleep 1; touch /usr/local/bin/ill.sh",
      fix: "systemctl restart ill.service", undo: removed + "; rm /usr/local/bin/ill.sh"),
  ]

  private static let hostFaults = [
    Fault(
      id: "journal.volatile", subject: "/var/log/journal",
      make: "mv /var/log/journal /var/log/journal.away; mkdir -p /run/log/journal", fix: "mkdir -p /var/log/journal",
      undo: "mv /var/log/journal.away /var/log/journal"),
    Fault(
      id: "folder.unsafe", subject: PlainRelease.store, make: "chmod 777 \(PlainRelease.store)",
      fix: "chown root \(PlainRelease.store) && chmod go-w \(PlainRelease.store)",
      undo: "chmod 700 \(PlainRelease.store)"),
    Fault(
      id: "leftovers", subject: "/etc/plain/.plain.conf.qtctl-staged",
      make: "touch /etc/plain/.plain.conf.qtctl-staged", fix: "rm /etc/plain/.plain.conf.qtctl-staged",
      undo: "rm /etc/plain/.plain.conf.qtctl-staged"),
    Fault(
      id: "recovery.boot", subject: "qtctl-recover.service", make: "systemctl disable -q qtctl-recover.service",
      fix: "systemctl enable qtctl-recover.service", undo: "systemctl enable -q qtctl-recover.service"),
    Fault(
      id: "target.shared", subject: "/etc/cron.d/pull",
      make: "echo '0 * * * * root rsync -a build:/plain/ /etc/plain/' > /etc/cron.d/pull",
      fix: "sed -i '1s/^/#/' /etc/cron.d/pull", undo: "sed -i '1s/^/#/' /etc/cron.d/pull"),
    Fault(
      id: "redis.settings", subject: "127.0.0.1:6379", make: "redis-cli CONFIG SET appendonly no",
      fix: "redis-cli -h 127.0.0.1 -p 6379 CONFIG SET appendonly yes",
      undo: "redis-cli -h 127.0.0.1 -p 6379 CONFIG SET appendonly yes"),
    Fault(
      id: "redis.settings", subject: "127.0.0.1:6379",
      make: "redis-cli CONFIG SET maxmemory 100mb; redis-cli CONFIG SET maxmemory-policy allkeys-lru",
      fix: "redis-cli -h 127.0.0.1 -p 6379 CONFIG SET maxmemory-policy noeviction",
      undo: "redis-cli -h 127.0.0.1 -p 6379 CONFIG SET maxmemory-policy noeviction"),
    Fault(
      id: "group.unread", subject: "orders readers",
      make: "redis-cli XGROUP CREATE orders readers 0 MKSTREAM; redis-cli XADD orders '*' a b",
      fix: "redis-cli -h 127.0.0.1 -p 6379 XGROUP DESTROY orders readers",
      undo: "redis-cli -h 127.0.0.1 -p 6379 XGROUP DESTROY orders readers"),
    Fault(
      id: "disk.space", subject: "/var/lib/qtctl",
      make:
        "mkdir /root/kept; cp -a /var/lib/qtctl/. /root/kept; mount -t tmpfs -o size=20m,mode=755 none /var/lib/qtctl; "
        + "cp -a /root/kept/. /var/lib/qtctl",
      fix: "du -xh --max-depth=2 /var/lib/qtctl", undo: "umount /var/lib/qtctl; rm -r /root/kept"),
  ]
}

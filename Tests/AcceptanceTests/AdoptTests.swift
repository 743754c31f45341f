import Deployment
import Rehearsal
import TestSupport
import Testing

@Suite("A release written from what runs")
struct AdoptTests {
  @Test("is complete: it verifies, its deploy changes nothing, and a change of it is deployed and rolled back")
  func adopts() async throws {
    try await Site.with(name: "adopt") { site in
      try await Self.prepare(site)
      let before = try await Self.picture(site)
      let adopt = try await site.qtctl("adopt", "redis-server", "--all", "shop-*", "--into", "/root/shop")
      #expect(adopt.exit == 0 && adopt.stamp != nil, "\(adopt)")
      // The first backup holds the folders too.
      let stamp = try #require(adopt.stamp)
      let held = try await site.sh("cat /var/backups/qtctl/\(stamp)/SHA256SUMS")
      #expect(held.contains("/srv/shop/web.py") && !held.contains("/srv/shop/data/log"), "\(held)")
      #expect(!adopt.message.contains("not in it"), "\(adopt)")
      #expect(try await Self.picture(site) == before)
      let manifest = try await site.sh("cat /root/shop/qtctl.yaml")

      // What was not taken is told, and no secret is in it.
      #expect(manifest.contains("the Debian package redis-server brings it"), "\(manifest)")
      #expect(manifest.contains("/etc/redis/redis.conf"), "\(manifest)")
      #expect(!manifest.contains("hunter2"), "\(manifest)")
      let files = try await site.sh("cd /root/shop && find . -type f -printf '%m %u %p\\n' | sort")
      #expect(files.contains("600 root ./files/etc/shop/shop.env"), "\(files)")
      #expect(files.contains("./trees/srv/shop/web.py") && !files.contains("data/"), "\(files)")
      #expect(!files.contains("redis.conf"), "\(files)")
      for part in Self.expected { #expect(manifest.contains(part), "\(part)\n\(manifest)") }

      let verify = try await site.qtctl("verify", "--manifest", "/root/shop", "--stable", "1s")
      #expect(verify.exit == 0, "\(verify)\n\(manifest)")
      let same = try await site.qtctl("deploy", "/root/shop", "--stable", "1s")
      #expect(same.exit == 0 && same.outcome == .unchanged, "\(same)\n\(manifest)")
      #expect(try await Self.picture(site) == before)

      try await site.sh("sed -i 's/version 1/version 2/' /root/shop/trees/srv/shop/page.py")
      let second = try await site.qtctl("deploy", "/root/shop", "--stable", "1s")
      #expect(second.exit == 0 && second.outcome == .deployed, "\(second)")
      #expect(try await Self.page(site) == "version 2\n")
      let back = try await site.qtctl("rollback", "--name", "shop")
      #expect(back.exit == 0, "\(back)")
      #expect(try await Self.page(site) == "version 1\n")
    }
  }

  @Test("is refused for a unit that does not exist, over a folder that exists, and without a unit")
  func refuses() async throws {
    try await Site.with(name: "adoptno") { site in
      let unknown = try await site.qtctl("adopt", "nowhere.service", "--into", "/root/new")
      #expect(unknown.exit == 14 && unknown.message.contains("nowhere.service"), "\(unknown)")
      let none = try await site.qtctl("adopt", "--all", "nowhere-*", "--into", "/root/new")
      #expect(none.exit == 14 && none.message.contains("nowhere-*"), "\(none)")
      try await site.sh("! test -e /root/new; mkdir /root/kept; touch /root/kept/file")
      let full = try await site.qtctl("adopt", "redis-server", "--into", "/root/kept")
      #expect(full.exit == 14 && full.message.contains("--into"), "\(full)")
      #expect(try await site.sh("ls /root/kept") == "file\n")
    }
  }

  private static let expected = [
    "unit: redis-server.service", "unit: shop-web.service", "unit: shop-tool.timer", "state: as-found",
    "target: /srv/shop", "\"/data/\"", "target: /etc/systemd/system/shop-web.service.d/limit.conf",
    "{source: files/etc/shop/shop.env, target: /etc/shop/shop.env, mode: \"0640\", group: shop, secret: true, keep: true}",
    "{source: files/usr/local/bin/shop-tool, target: /usr/local/bin/shop-tool, mode: \"0755\"}",
    "link: \"shop-tool\"", "link: \"/bin/sleep\"",
    "coreutils brings it: /usr/bin/sleep", "severity: warn", "{address: \"127.0.0.1:8080\"}",
    "{url: \"http://127.0.0.1:8080/\", status: 200}", "{address: \"127.0.0.1:6379\"}",
    "# used by shop-reader.service\nredis: \"redis://127.0.0.1:6379/0\"",
    "\n    - {stream: \"shop:orders\", group: \"shop\"}", "it has no consumer", "group: \"left\"",
  ]

  /// Services as a host has them: from a source tree in which they write, with a drop-in and environment files, a timer
  /// with its oneshot behind a symlink, one that is stopped on purpose and one that crashes all the time.
  private static func prepare(_ site: Site) async throws {
    let machine = site.machine
    try await site.sh(
      """
      useradd --system --no-create-home shop
      install -d -o shop -g shop /srv/shop /srv/shop/data
      install -d /etc/shop /etc/systemd/system/shop-web.service.d
      """)
    try await machine.write("TEXT = b'version 1\\n'\n", to: "/srv/shop/page.py")
    try await machine.write(web, to: "/srv/shop/web.py")
    try await machine.write(reader, to: "/srv/shop/reader.py")
    try await machine.write("PASSWORD=hunter2\n", to: "/etc/shop/shop.env", mode: 0o640)
    try await machine.write("#!/bin/sh\nexit 0\n", to: "/usr/local/bin/shop-tool", mode: 0o755)
    try await machine.write("[Service]\nLimitNOFILE=4096\n", to: "/etc/systemd/system/shop-web.service.d/limit.conf")
    for (name, text) in units { try await machine.write(text, to: "/etc/systemd/system/" + name) }
    try await site.sh(
      """
      chgrp shop /etc/shop/shop.env
      ln -s shop-tool /usr/local/bin/shop-run
      ln -s /bin/sleep /usr/local/bin/shop-sleep
      chown shop:shop /srv/shop/*.py
      systemctl daemon-reload
      redis-cli XGROUP CREATE shop:orders shop 0 MKSTREAM >/dev/null
      redis-cli XGROUP CREATE shop:orders left 0 >/dev/null
      redis-cli XADD shop:orders '*' order 1 >/dev/null
      systemctl enable -q --now shop-web.service shop-tool.timer shop-reader.service
      systemctl start --no-block shop-ill.service
      """)
    try await site.wait(for: "test -s /srv/shop/data/log")
    try await site.wait(for: "redis-cli CLIENT LIST | grep -q cmd=xreadgroup")
    try await site.wait(for: "[ $(systemctl show -P NRestarts shop-ill.service) -ge 3 ]")
    try await site.wait(for: "curl -fsS http://127.0.0.1:8080/ >/dev/null")
  }

  private static func page(_ site: Site) async throws -> String {
    try await site.sh("curl -fsS http://127.0.0.1:8080/")
  }

  /// What neither adopt nor an unchanged deploy may touch.
  private static func picture(_ site: Site) async throws -> String {
    try await site.sh(
      """
      find /etc /srv/shop/*.py /usr/local -printf '%p %T@ %m %u %g %s\\n' | sort
      systemctl show -P InvocationID -P ActiveState shop-web.service redis-server.service shop-tool.timer
      """)
  }

  private static let reader = """
    import redis
    bus = redis.Redis("127.0.0.1")
    while True:
        for _, entries in bus.xreadgroup("shop", "one", {"shop:orders": ">"}, block=60000):
            for entry, _ in entries: bus.xack("shop:orders", "shop", entry)

    """

  private static let units = [
    "shop-reader.service": """
    [Unit]
    After=redis-server.service
    [Service]
    User=shop
    WorkingDirectory=/srv/shop
    ExecStart=/usr/bin/python3 /srv/shop/reader.py
    Environment=PYTHONDONTWRITEBYTECODE=1
    [Install]
    WantedBy=multi-user.target
    """,
    "shop-web.service": """
    [Unit]
    Description=the shop
    [Service]
    User=shop
    WorkingDirectory=/srv/shop
    Environment=PYTHONPATH=/srv/shop PYTHONDONTWRITEBYTECODE=1
    EnvironmentFile=/etc/shop/shop.env
    ExecStart=/usr/bin/python3 /srv/shop/web.py
    [Install]
    WantedBy=multi-user.target

    """,
    "shop-tool.timer": "[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n",
    "shop-tool.service":
      "[Service]\nType=oneshot\nEnvironmentFile=/etc/shop/shop.env\nExecStart=/usr/local/bin/shop-run /var/lib/shop\n",
    "shop-off.service": "[Service]\nExecStart=/usr/local/bin/shop-sleep infinity\n",
    "shop-ill.service":
      "[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStart=/bin/false\nRestart=always\nRestartSec=1\n",
  ]

  private static let web = """
    import http.server
    import time
    import page
    log = open("/srv/shop/data/log", "a")
    log.write("started\\n")
    log.flush()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(page.TEXT)

        def log_message(self, *words):
            log.write("asked\\n")
            log.flush()

    http.server.HTTPServer(("127.0.0.1", 8080), Handler).serve_forever()

    """
}

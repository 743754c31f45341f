import Rehearsal
import TestSupport

/// A service that reads orders from a stream, with a producer, in releases that work and one that does not.
enum Shop {
  static let folder = "/root/shop"

  /// Redis, the stream and its producer.
  static func prepare(on site: Site) async throws {
    try await site.machine.write(consumer, to: folder + "/consumer", mode: 0o755)
    try await site.machine.write(producer, to: "/usr/local/bin/producer", mode: 0o755)
    try await site.sh(
      """
      redis-cli xgroup create orders shop 0 mkstream
      systemd-run -q --unit=producer /usr/local/bin/producer
      """)
  }

  /// - Parameter settings: lines of its environment file.
  static func write(_ version: String, _ settings: String, to site: Site) async throws {
    let unit = """
      [Unit]
      Description=Orders, release \(version)
      [Service]
      Type=notify
      NotifyAccess=all
      ExecStart=/usr/local/bin/shop
      EnvironmentFile=/etc/shop.env
      [Install]
      WantedBy=multi-user.target

      """
    let manifest = """
      name: shop
      version: "\(version)"
      redis: "redis://127.0.0.1:6379"
      services:
        - unit: shop.service
          files:
            - {source: consumer, target: /usr/local/bin/shop, mode: "0755"}
            - {source: shop.env, target: /etc/shop.env, mode: "0640", secret: true}
            - {source: shop.service, target: /etc/systemd/system/shop.service}
      backups: {directory: /var/backups/qtctl}
      verify:
        stable: 4s
        groups: [{stream: orders, group: shop, lag: 50, pending: 30}]

      """
    try await site.machine.write(settings + "\n", to: folder + "/shop.env")
    try await site.machine.write(unit, to: folder + "/shop.service")
    try await site.machine.write(manifest, to: folder + "/qtctl.yaml")
  }

  private static let consumer = """
    #!/usr/bin/python3
    import os, subprocess, sys, time, redis
    if os.environ.get("PORT", "80").isdigit() is False:
        sys.exit("shop: PORT is no number: " + os.environ["PORT"])
    r = redis.Redis()
    print("reading orders", flush=True)
    r.xreadgroup("shop", "worker-1", {"orders": ">"}, count=1, block=1)
    subprocess.run(["systemd-notify", "--ready"])
    while True:
        for _, entries in r.xreadgroup("shop", "worker-1", {"orders": ">"}, count=10, block=500) or []:
            for id, _ in entries:
                r.xack("orders", "shop", id)

    """

  private static let producer = """
    #!/usr/bin/python3
    import time, redis
    r = redis.Redis()
    while True:
        r.xadd("orders", {"price": "1"}, maxlen=10000)
        time.sleep(0.1)

    """
}

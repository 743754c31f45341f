import Rehearsal
import TestSupport

/// Services that are not ours: nginx and redis-server as Debian ships them, under a manifest of their own.
enum WebRelease {
  static let folder = "/root/web"
  static let targets = ["/etc/nginx/nginx.conf", "/etc/nginx/sites-enabled/default", "/etc/redis/redis.conf"]

  static let manifest = """
    name: web
    version: "1"
    services:
      - unit: redis-server.service
        files:
          - {source: redis.conf, target: /etc/redis/redis.conf, mode: "0640", owner: redis, group: redis, secret: true}
      - unit: nginx.service
        files:
          - {source: nginx.conf, target: /etc/nginx/nginx.conf}
          - {source: site.conf, target: /etc/nginx/conf.d/site.conf}
    backups: {directory: /var/backups/qtctl}
    redis: redis://127.0.0.1:6379/0
    verify:
      stable: 1s
      commands: [{name: nginx configuration, run: [/usr/sbin/nginx, -t, -q]}]
      http: [{url: "http://127.0.0.1:8080/", status: 200}]
      tcp: [{address: "127.0.0.1:6379"}]

    """

  static func site(_ text: String) -> String {
    "server { listen 127.0.0.1:8080; location / { return 200 \"\(text)\\n\"; } }\n"
  }

  /// Lays the release out on the site, its configs being those that the host has.
  static func write(to site: Site) async throws {
    try await site.machine.write(manifest, to: folder + "/qtctl.yaml")
    try await site.machine.write(Self.site("one"), to: folder + "/site.conf")
    try await site.sh("cp /etc/nginx/nginx.conf /etc/redis/redis.conf \(folder)/")
  }

  static func answer(_ site: Site) async throws -> String {
    let request = "exec 3<>/dev/tcp/127.0.0.1/8080; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; tail -n 1 <&3"
    return try await site.sh("bash -c \"$(cat)\"", input: request)
  }
}

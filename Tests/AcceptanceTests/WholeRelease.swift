import Rehearsal
import TestSupport

/// A service with everything that a host can have of one: names that a shell stumbles over, capabilities, an ACL, a
/// file with holes and an empty one; and, of the host's own, drop-ins, environment files and links.
enum WholeRelease {
  static let folder = "/root/whole"
  static let store = "/var/backups/whole"
  /// Everything on the host that the releases and the operator change.
  static let places = ["/opt/whole", "/etc/whole", "/etc/whole.optional", "/srv/whole.env", "/etc/systemd/system"]

  /// Lays a release out on the site, in place of the last one.
  static func write(_ version: Int, to site: Site) async throws {
    let manifest = """
      name: whole
      version: "\(version)"
      services:
        - unit: whole.service
          files:
            - {source: program, target: /opt/whole/program, mode: "0755"}
            - {source: tool, target: /opt/whole/tool, mode: "0755"}
            - {source: text, target: "/opt/whole/it's a \\"name\\" \\\\ $HOME *", mode: "0640"}
            - {source: sparse, target: /opt/whole/sparse}
            - {source: empty, target: /opt/whole/empty}
            - {source: unit, target: /etc/systemd/system/whole.service}
      backups: {directory: \(store)}
      verify: {stable: 100ms}

      """
    let unit = """
      [Unit]
      Description=whole \(version)
      [Service]
      Type=exec
      ExecStart=/opt/whole/program
      EnvironmentFile=/etc/whole/*.env
      EnvironmentFile=-/etc/whole.optional
      [Install]
      \(version == 1 ? "WantedBy=multi-user.target\nAlias=entire.service" : "WantedBy=basic.target")

      """
    try await site.machine.write(manifest, to: folder + "/qtctl.yaml")
    try await site.machine.write(unit, to: folder + "/unit")
    try await site.machine.write("#!/bin/sh\n# \(version)\nexec sleep infinity\n", to: folder + "/program")
    try await site.machine.write("version \(version)\n", to: folder + "/text")
    let capability = version == 1 ? "cap_net_bind_service=ep" : "cap_chown=ep"
    try await site.sh(
      """
      cd \(folder)
      cp /usr/bin/true tool
      setcap \(capability) tool
      setfacl --modify user:daemon:\(version == 1 ? "r" : "rx") text
      rm -f sparse; truncate --size 3M sparse; printf \(version) | dd of=sparse bs=1 seek=1M conv=notrunc status=none
      truncate --size 4M sparse
      : > empty; \(version == 1 ? "" : "printf full > empty")
      mkdir -p /etc/whole
      [ -e /etc/whole/a.env ] || echo 'A=1' > /etc/whole/a.env
      """)
  }

  /// What an operator has made of the host besides the first release.
  static func prepare(_ site: Site) async throws {
    try await site.sh(
      """
      dropins=/etc/systemd/system/whole.service.d
      mkdir $dropins
      printf '[Service]\\nEnvironment=DROPIN=1\\n' > "$dropins/a b's.conf"
      printf '[Service]\\nEnvironment=LINE=1\\n' > "$dropins/new
      line.conf"
      ln -s /dev/null $dropins/hidden.conf
      chown daemon:adm "$dropins/a b's.conf"; chmod 0604 "$dropins/a b's.conf"
      printf 'B=1\\n' > '/etc/whole/b
      c.env'
      echo 'S=1' > /srv/whole.env
      ln -s /srv/whole.env /etc/whole/link.env
      systemctl daemon-reload
      systemctl restart whole.service
      """)
  }

  /// What an operator makes of it after the second one.
  static func change(_ site: Site) async throws {
    try await site.sh(
      """
      dropins=/etc/systemd/system/whole.service.d
      printf '[Service]\\nEnvironment=DROPIN=2\\n' > "$dropins/a b's.conf"
      rm "$dropins/new
      line.conf" $dropins/hidden.conf /etc/whole/link.env
      printf '[Service]\\nEnvironment=ADDED=2\\n' > $dropins/added.conf
      echo 'A=2' > /etc/whole/a.env; chmod 0600 /etc/whole/a.env
      echo 'S=2' > /srv/whole.env
      echo 'O=2' > /etc/whole.optional
      systemctl reenable whole.service
      systemctl restart whole.service
      """)
  }

  /// What the running service has been started with: description and the variables that tell the states apart.
  static func running(_ site: Site) async throws -> String {
    try await site.sh(
      """
      systemctl show -P Description whole.service
      systemctl is-active whole.service
      tr '\\0' '\\n' < /proc/$(systemctl show -P MainPID whole.service)/environ | grep -E '^(A|B|S|O|DROPIN|LINE|ADDED)=' \
        | sort
      """
    ).split(separator: "\n").joined(separator: " ")
  }
}

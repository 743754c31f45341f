import Rehearsal
import TestSupport

/// A service with a configuration that it takes in by a reload, and hooks in sh that write to a log what they were told.
enum HookRelease {
  static let folder = "/root/hooked"
  static let targets = ["/usr/local/bin/hooked", "/etc/hooked.conf", "/etc/systemd/system/hooked.service"]
  static let log = "/var/log/hooks"

  /// What the migration does beside writing to the log; `undo` likewise.
  struct Scripts {
    var prepare = ":"
    var migrate = ":"
    var undo = ":"
    var within = "20s"
  }

  /// - Parameter program: another one restarts the service; the same one lets it be reloaded.
  static func write(
    _ version: String, program: String = "1", hooks: Scripts? = Scripts(), to site: Site
  ) async throws {
    let machine = site.machine
    let service = """
      [Service]
      Type=exec
      ExecStart=/usr/local/bin/hooked
      ExecReload=/bin/sh -c 'grep -q bad /etc/hooked.conf && exit 1; cp /etc/hooked.conf /run/hooked.conf'
      [Install]
      WantedBy=multi-user.target rehearsal.target

      """
    let main = "#!/bin/sh\n# \(program)\ncp /etc/hooked.conf /run/hooked.conf\nexec sleep infinity\n"
    try await machine.write(main, to: folder + "/hooked", mode: 0o755)
    try await machine.write("version \(version)\n", to: folder + "/hooked.conf")
    try await machine.write(service, to: folder + "/hooked.service")
    var manifest = """
      name: hooked
      version: "\(version)"
      services:
        - unit: hooked.service
          stop: 2s
          files:
            - {source: hooked, target: \(targets[0]), mode: "0755"}
            - {source: hooked.conf, target: \(targets[1]), reload: true}
            - {source: hooked.service, target: \(targets[2])}
      backups: {directory: /var/backups/hooked}
      rollback: {deadline: 20s}
      verify: {stable: 1s}

      """
    if let hooks {
      for (name, script) in [("prepare", hooks.prepare), ("migrate", hooks.migrate), ("undo", hooks.undo)] {
        // What is in force, what runs, and what it is told of the transaction.
        let text = """
          #!/bin/sh
          input=$(cat); echo "\(name) $(cat /etc/hooked.conf 2>/dev/null) $(systemctl is-active hooked)" >>\(log)
          printf '%s\\n' "$input" >>\(log).json
          \(script)
          echo "\(name) ended" >>\(log)

          """
        try await machine.write(text, to: "\(folder)/\(name)", mode: 0o755)
      }
      manifest += """
        hooks:
          prepare: {run: [./prepare], within: \(hooks.within)}
          migrate: {run: [./migrate, a b], undo: [./undo], within: \(hooks.within)}
          finished: {run: [/bin/sh, -c, "cat >>\(log).json; echo finished >>\(log)"], within: 5s}

        """
    }
    try await machine.write(manifest, to: folder + "/qtctl.yaml")
  }

  static func deploy(to site: Site) async throws -> QtctlRun { try await site.qtctl("deploy", folder) }

  /// What the hooks have written since the last time.
  static func lines(_ site: Site) async throws -> [String] {
    try await site.sh("cat \(log) 2>/dev/null || true; rm -f \(log)", input: "").split(separator: "\n").map(String.init)
  }

  /// The main process, and the configuration that it has read.
  static func running(_ site: Site) async throws -> [String] {
    try await site.sh("systemctl show -P MainPID hooked; cat /run/hooked.conf").split(separator: "\n").map(String.init)
  }
}

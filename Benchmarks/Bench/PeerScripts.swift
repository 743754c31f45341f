/// The deploy of a `ServiceRelease` by tools of this field, as their documentation recommends it for speed. Backup and
/// checks are those of the script by hand, run once each.
enum PeerScripts {
  /// https://docs.pyinfra.com: `files.put`, `systemd.service`; the connector `@local` runs without ssh.
  static func pyinfra(_ release: ServiceRelease, _ version: Int) -> String {
    let folder = release.release(version)
    let words = release.words.joined(separator: " ")
    let puts = release.names.flatMap(release.files(of:)).map {
      "files.put(src=\"\(folder)/\($0.name)\", dest=\"\($0.target)\", mode=\"\($0.mode.dropFirst())\")\n"
    }
    // Its copy writes in place, which a program that runs does not allow.
    let stops = release.names.map { "systemd.service(service=\"\($0).service\", running=False)\n" }
    let starts = release.names.map { "systemd.service(service=\"\($0).service\", running=True)\n" }
    return """
      from pyinfra.operations import files, server, systemd

      server.shell(commands=["\(folder)/hand backup \(folder) \(words)"])
      \(stops.joined())\(puts.joined())\(release.bringsUnits ? "systemd.daemon_reload()" : "")
      \(starts.joined())server.shell(commands=["\(folder)/hand check \(folder) \(words)"])

      """
  }

  /// https://docs.ansible.com: `copy` and `systemd_service`, no facts gathered; local connection and pipelining.
  static func ansible(_ release: ServiceRelease, _ version: Int) -> String {
    let folder = release.release(version)
    let words = release.words.joined(separator: " ")
    let copies = release.names.flatMap(release.files(of:)).map {
      "    - {src: \(folder)/\($0.name), dest: \($0.target), mode: \"\($0.mode)\"}\n"
    }
    let reload = "  - ansible.builtin.systemd_service:\n      daemon_reload: true\n"
    return """
      - hosts: localhost
        connection: local
        gather_facts: false
        tasks:
        - ansible.builtin.command: \(folder)/hand backup \(folder) \(words)
        - ansible.builtin.copy:
            src: "{{ item.src }}"
            dest: "{{ item.dest }}"
            mode: "{{ item.mode }}"
          loop:
      \(copies.joined())\(release.bringsUnits ? reload : "")  - ansible.builtin.systemd_service:
            name: "{{ item }}"
            state: restarted
          loop:
      \(release.names.map { "    - \($0).service\n" }.joined())  - ansible.builtin.command: \(folder)/hand check \(folder) \(words)

      """
  }

  static let ansibleEnvironment = [
    "ANSIBLE_PIPELINING": "1", "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3", "ANSIBLE_LOCALHOST_WARNING": "0",
    "ANSIBLE_INVENTORY_UNPARSED_WARNING": "0", "ANSIBLE_NOCOLOR": "1",
  ]
}

import Rehearsal
import TestSupport

/// A page that a service shows, as archives on the controller of a fleet; and the playbooks there.
enum FleetRelease {
  static let targets = ["/srv/page/index.html", "/etc/systemd/system/page.service"]

  static func archive(_ version: String) -> String { "\(AnsibleFleet.home)/page-\(version).tar.gz" }

  /// A host with `/etc/refuses-VERSION` cannot start that version; version 3 brings 200 kB under /opt/page.
  static func write(_ version: String, stable: String = "1s", to controller: Site) async throws {
    let blob = version == "3" ? "      - {source: blob, target: /opt/page/blob}\n" : ""
    let folder = "\(AnsibleFleet.home)/page-\(version)"
    let manifest = """
      name: page
      version: "\(version)"
      services:
        - unit: page.service
          files:
            - {source: page.service, target: /etc/systemd/system/page.service}
            - {source: index.html, target: /srv/page/index.html}
      \(blob)backups: {directory: /var/backups/qtctl}
      verify:
        stable: \(stable)
        http: [{url: "http://127.0.0.1:8080/", body: "page \(version)"}]

      """
    let unit = """
      [Service]
      ExecStartPre=/usr/bin/test ! -e /etc/refuses-\(version)
      ExecStart=/usr/bin/python3 -m http.server 8080 --directory /srv/page
      [Install]
      WantedBy=multi-user.target

      """
    try await controller.machine.write(manifest, to: "\(folder)/qtctl.yaml")
    try await controller.machine.write(unit, to: "\(folder)/page.service")
    try await controller.machine.write("page \(version)\n", to: "\(folder)/index.html")
    try await controller.sh("head -c 200000 /dev/urandom >\(folder)/blob; tar -C \(folder) -czf \(archive(version)) .")
  }

  /// The collection as `make package` makes it, a package with this build of qtctl, and the playbooks.
  static func prepare(_ controller: Site) async throws {
    let (home, root) = (AnsibleFleet.home, Checkout.root)
    try await controller.sh(
      """
      cp -r \(root)/ansible \(root)/packaging \(root)/LICENSE \(root)/CHANGELOG.md \(home)/
      mkdir -p \(home)/.build/tools
      ln -s \(root)/.build/tools/venv \(home)/.build/tools/venv
      SOURCE_DATE_EPOCH=1 \(home)/packaging/collection 1.0.0 \(home)/built
      SOURCE_DATE_EPOCH=1 \(home)/packaging/collection 1.0.0 \(home)/again
      cmp \(home)/built/*.tar.gz \(home)/again/*.tar.gz
      \(root)/.build/tools/venv/bin/ansible-galaxy collection install --offline -p \(home)/collections \(home)/built/*.tar.gz
      mkdir -p \(home)/deb/DEBIAN \(home)/deb/usr/bin
      install -m 0755 \(Checkout.program("qtctl")) \(home)/deb/usr/bin/qtctl
      printf '%s\\n' 'Package: qtctl' 'Version: 1.0.0' 'Architecture: all' 'Maintainer: x <x@example.org>' \
        'Description: qtctl' >\(home)/deb/DEBIAN/control
      dpkg-deb --root-owner-group -Znone --build \(home)/deb \(home)/qtctl.deb
      """)
    for (name, text) in [("site", site), ("modules", modules), ("refused", refused)] {
      try await controller.machine.write(text, to: "\(home)/\(name).yml")
    }
  }

  private static let site = """
    - name: Install qtctl
      hosts: one
      gather_facts: false
      roles:
        - {role: qtctl.qtctl.install, install_deb: \(AnsibleFleet.home)/qtctl.deb}
    - name: Roll out
      ansible.builtin.import_playbook: qtctl.qtctl.rollout

    """

  /// Each module once, on a host that has version 1.
  private static let modules = """
    - name: Each module
      hosts: one
      gather_facts: false
      module_defaults:
        qtctl.qtctl.backup: {redis_url: "redis://:hunter2@127.0.0.1/0"}
      tasks:
        - qtctl.qtctl.release_facts:
        - qtctl.qtctl.verify:
          register: verified
        - qtctl.qtctl.backup: {name: page, reason: asked}
          register: backup
        - qtctl.qtctl.backup: {name: page}
          check_mode: true
          register: planned
        - qtctl.qtctl.rollback: {stamp: "{{ backup.stamp }}"}
          register: same
        - qtctl.qtctl.rollback: {deployed_for: nobody}
          register: nothing
        - qtctl.qtctl.deploy: {release: /var/cache/qtctl/page-1.tar.gz}
          check_mode: true
          register: there
        - qtctl.qtctl.status: {must_be_healthy: true}
          register: status
        - qtctl.qtctl.deploy: {release: /nowhere}
          register: nowhere
          ignore_errors: true
        - qtctl.qtctl.rollback: {stamp: "20200101_000000"}
          register: unknown
          ignore_errors: true
        - qtctl.qtctl.status: {executable: /usr/bin/false}
          register: stranger
          ignore_errors: true
        - qtctl.qtctl.status: {executable: /nowhere}
          register: missing
          ignore_errors: true
        - qtctl.qtctl.verify: {executable: /usr/local/bin/endless, timeout: 1}
          register: late
          ignore_errors: true
        - ansible.builtin.assert:
            that:
              - ansible_facts.qtctl.releases.page.version == '1'
              - ansible_facts.qtctl.releases.page.verified
              - ansible_facts.qtctl.releases.page.stamp is match('[0-9]{8}_[0-9]{6}$')
              - not ansible_facts.qtctl.busy and ansible_facts.qtctl.problems == []
              - verified is not changed and verified.result.checks | length > 3 and verified.failures == []
              - backup is changed and backup.outcome == 'backed-up' and planned is changed and planned.rc is not defined
              - same is not changed and same.outcome == 'unchanged' and nothing is not changed
              - there is not changed and there.outcome == 'planned'
              - status is not changed and status.healthy and not status.busy
              - nowhere is failed and nowhere.rc == 14 and nowhere.msg is search("'/nowhere' does not exist")
              - unknown is failed and unknown.rc == 10 and unknown.msg is search('no such stamp')
              - stranger is failed and stranger.msg is search('printed no result of schema')
              - missing is failed and missing.msg is search('not installed on this host')
              - late is failed and late.msg is search('ended with')
        - ansible.builtin.debug: {var: backup}

    """

  /// A deploy on hosts in three conditions, and what comes of each.
  private static let refused = """
    - name: Deploy where it cannot be
      hosts: one,two,three
      gather_facts: false
      vars:
        expected:
          one: {rc: 13, msg: by hand|as the last transaction left}
          two: {rc: 11, msg: holds the lock}
          three: {rc: 14, msg: space}
      tasks:
        - ansible.builtin.copy: {src: "\(archive("3"))", dest: /root/page-3.tar.gz, mode: "0600"}
        - qtctl.qtctl.deploy: {release: /root/page-3.tar.gz}
          register: deploy
          ignore_errors: true
        - ansible.builtin.debug: {var: deploy.msg}
        - ansible.builtin.assert:
            that:
              - deploy is failed and not deploy.changed
              - deploy.rc == expected[inventory_hostname].rc
              - deploy.msg is search(expected[inventory_hostname].msg)

    """
}

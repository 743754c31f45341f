#!/usr/bin/python
# Copyright 2026 The qtctl authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)

from __future__ import annotations

DOCUMENTATION = r"""
module: deploy
short_description: Deploy a release of systemd services with qtctl
version_added: "1.0.0"
description:
  - Backs up, swaps files by rename, restarts what uses them and verifies; on any failure the host is put back
    to its state before, and that state is verified.
  - A host that has the release already is verified and not changed.
  - Where an earlier transaction was interrupted, qtctl undoes it first; the module then runs the deploy once more.
options:
  release:
    description:
      - The release on the host, a folder with a C(qtctl.yaml) or a C(.tar), C(.tar.gz) or C(.tar.zst) of one.
      - Without it, the folder of the manifest.
    type: path
  only:
    description: Deploy only these units and their files.
    type: list
    elements: str
    default: []
  all:
    description: Restart all units, changed or not.
    type: bool
    default: false
  accept_drift:
    description: Overwrite files that were changed by hand on the host; they are backed up first.
    type: bool
    default: false
  again:
    description: Deploy a release that failed on this host before.
    type: bool
    default: false
  rehearse:
    description: Try the release on a throwaway copy of the host first.
    type: bool
    default: false
  volatile_store:
    description: Allow backups on a tmpfs, which a reboot loses.
    type: bool
    default: false
  stable:
    description: How long every unit must stay up, such as V(15s); the manifest says it otherwise.
    type: str
  watch:
    description: How long systemd goes on verifying the release after the deploy, such as V(1h).
    type: str
extends_documentation_fragment:
  - qtctl.qtctl.common
  - qtctl.qtctl.common.transaction
attributes:
  check_mode:
    support: full
    details: It is the dry run, C(qtctl deploy --dry-run).
  diff_mode:
    support: full
    details: The plan, each step with its reason; in check mode the steps that a deploy would take.
author:
  - The qtctl maintainers (@qtctl)
"""

EXAMPLES = r"""
- name: Deploy a release that is on the host
  qtctl.qtctl.deploy:
    release: /var/cache/qtctl/shop.tar.zst
    reason: ticket 4711
    wait: 5m

- name: Show what a deploy would change
  qtctl.qtctl.deploy:
    release: /var/cache/qtctl/shop.tar.zst
  check_mode: true
  diff: true
"""

RETURN = r"""
rc:
  description: The exit status of qtctl, as its README lists them.
  returned: always
  type: int
  sample: 0
outcome:
  description: >-
    How it ended, V(deployed), V(unchanged), V(planned) in check mode; of a failure V(undone), V(failed) or V(refused).
  returned: always
  type: str
  sample: deployed
stamp:
  description: The backup that was taken before; C(qtctl rollback STAMP) leads back to it. V(null) where none was taken.
  returned: always
  type: str
  sample: "20261126_141724"
recovered:
  description: Whether an interrupted transaction was undone first.
  returned: always
  type: bool
result:
  description: The whole document of C(qtctl deploy --json), with steps and checks.
  returned: always
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.qtctl.qtctl.plugins.module_utils.qtctl import Qtctl, transaction_spec


def main():
    module = AnsibleModule(
        argument_spec=transaction_spec(
            release=dict(type="path"),
            only=dict(type="list", elements="str", default=[]),
            all=dict(type="bool", default=False),
            accept_drift=dict(type="bool", default=False),
            again=dict(type="bool", default=False),
            rehearse=dict(type="bool", default=False),
            volatile_store=dict(type="bool", default=False),
            stable=dict(type="str"),
            watch=dict(type="str"),
        ),
        supports_check_mode=True,
    )
    qtctl = Qtctl(module)
    words = qtctl.options(
        durations=("stable", "wait", "watch"),
        texts=("reason",),
        flags=("all", "accept_drift", "again", "rehearse", "volatile_store"),
    )
    words += ["--only=%s" % unit for unit in module.params["only"]]
    qtctl.transact("deploy", words, module.params["release"])


if __name__ == "__main__":
    main()

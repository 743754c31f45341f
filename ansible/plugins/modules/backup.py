#!/usr/bin/python
# Copyright 2026 The qtctl authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)

from __future__ import annotations

DOCUMENTATION = r"""
module: backup
short_description: Back up what a release has on a host with qtctl
version_added: "1.0.0"
description:
  - Takes a backup of the present state, to which O(qtctl.qtctl.rollback#module:stamp) leads back.
  - Each run takes one; a deploy takes its own.
options:
  volatile_store:
    description: Allow backups on a tmpfs, which a reboot loses.
    type: bool
    default: false
extends_documentation_fragment:
  - qtctl.qtctl.common
  - qtctl.qtctl.common.transaction
attributes:
  check_mode:
    support: full
    details: Nothing is run, and the result is changed.
  diff_mode:
    support: none
author:
  - The qtctl maintainers (@qtctl)
"""

EXAMPLES = r"""
- name: Back up before work by hand
  qtctl.qtctl.backup:
    name: shop
    reason: before the migration
  register: before
"""

RETURN = r"""
rc:
  description: The exit status of qtctl, as its README lists them.
  returned: when qtctl was run
  type: int
  sample: 0
outcome:
  description: How it ended.
  returned: when qtctl was run
  type: str
  sample: backed-up
stamp:
  description: The name of the backup.
  returned: when qtctl was run
  type: str
  sample: "20261126_141724"
recovered:
  description: Whether an interrupted transaction was undone first.
  returned: when qtctl was run
  type: bool
result:
  description: The whole document of C(qtctl backup --json).
  returned: when qtctl was run
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.qtctl.qtctl.plugins.module_utils.qtctl import TOUCHED, Qtctl, transaction_spec


def main():
    module = AnsibleModule(
        argument_spec=transaction_spec(volatile_store=dict(type="bool", default=False)),
        supports_check_mode=True,
    )
    qtctl = Qtctl(module)
    if module.check_mode:
        module.exit_json(msg="a backup would be taken", changed=True)
    words = qtctl.options(durations=("wait",), texts=("reason",), flags=("volatile_store",))
    answer, recovered = qtctl.run_to_end("backup", words)
    if answer.status != 0:
        qtctl.fail("backup", answer, changed=recovered or answer.status in TOUCHED, recovered=recovered)
    qtctl.finish(answer, changed=True, recovered=recovered)


if __name__ == "__main__":
    main()

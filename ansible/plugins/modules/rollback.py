#!/usr/bin/python
# Copyright 2026 The qtctl authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)

from __future__ import annotations

DOCUMENTATION = r"""
module: rollback
short_description: Restore a backup with qtctl and verify it
version_added: "1.0.0"
description:
  - Restores a backup, every byte of it checked first, and verifies the host afterwards.
  - A host that is as the backup has it is verified and not changed, so that a task with O(stamp) can be repeated.
options:
  stamp:
    description:
      - The backup to restore, such as the RV(qtctl.qtctl.deploy#module:stamp) that a deploy has returned.
      - Without it and without O(deployed_for), the newest verified one that differs from what runs. That goes further back
        each time it is run.
    type: str
  deployed_for:
    description:
      - Undo the deploy that was made with exactly this O(qtctl.qtctl.deploy#module:reason); if there is none among the last
        twenty transactions of the host, or it left nothing to undo, nothing is changed.
      - For a host whose answer was lost. A transaction that is still in progress is waited for, up to O(timeout).
    type: str
  deadline:
    description: The time within which the host must be verified healthy, such as V(60s); the manifest says it otherwise.
    type: str
extends_documentation_fragment:
  - qtctl.qtctl.common
  - qtctl.qtctl.common.transaction
attributes:
  check_mode:
    support: full
    details: It is the dry run, C(qtctl rollback --dry-run).
  diff_mode:
    support: full
    details: The plan, each step with its reason.
author:
  - The qtctl maintainers (@qtctl)
"""

EXAMPLES = r"""
- name: Go back to the state before a deploy
  qtctl.qtctl.rollback:
    stamp: "{{ deployed.stamp }}"
  when: deployed is changed

- name: Go back to the last verified state that differs from what runs
  qtctl.qtctl.rollback:
    name: shop
    wait: 5m
"""

RETURN = r"""
rc:
  description: The exit status of qtctl, as its README lists them.
  returned: always
  type: int
  sample: 0
outcome:
  description: How it ended, V(rolled-back), V(unchanged), V(planned) in check mode.
  returned: always
  type: str
  sample: rolled-back
stamp:
  description: The backup that was taken of the state before; in check mode the one that would be restored.
  returned: always
  type: str
  sample: "20261126_141724"
recovered:
  description: Whether an interrupted transaction was undone first.
  returned: always
  type: bool
result:
  description: The whole document of C(qtctl rollback --json), with steps and checks.
  returned: always
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.qtctl.qtctl.plugins.module_utils.qtctl import Qtctl, transaction_spec


def stamp_of(qtctl, reason):
    """The stamp to which the deploy made for that reason is undone, or None; and the history in which that was read."""
    qtctl.settle(qtctl.module.params["timeout"])
    history = qtctl.run("history", qtctl.options())
    if history.status != 0 and not qtctl.is_unused():
        qtctl.fail("history", history, recovered=False)
    for line in reversed(history.document.get("history") or []):
        if line.get("reason") == reason and line.get("outcome") == "deployed":
            return line.get("stamp"), history
    return None, history


def main():
    module = AnsibleModule(
        argument_spec=transaction_spec(
            stamp=dict(type="str"),
            deployed_for=dict(type="str"),
            deadline=dict(type="str"),
        ),
        mutually_exclusive=[("stamp", "deployed_for")],
        supports_check_mode=True,
    )
    qtctl = Qtctl(module)
    stamp = module.params["stamp"]
    if module.params["deployed_for"] is not None:
        stamp, history = stamp_of(qtctl, module.params["deployed_for"])
        if stamp is None:
            module.exit_json(
                msg="no deploy was made here for that reason; nothing to undo", changed=False, rc=0,
                outcome="unchanged", stamp=None, recovered=False, result=history.document,
            )
    qtctl.transact("rollback", qtctl.options(durations=("deadline", "wait"), texts=("reason",)), stamp)


if __name__ == "__main__":
    main()

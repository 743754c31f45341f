#!/usr/bin/python
# Copyright 2026 The qtctl authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)

from __future__ import annotations

DOCUMENTATION = r"""
module: status
short_description: Tell what runs on a host, what is wrong, and what is going on
version_added: "1.0.0"
description:
  - Units, releases, drift, backups and the transaction in progress, as C(qtctl status) tells them. Changes nothing.
options:
  units:
    description: Only these units of the manifest.
    type: list
    elements: str
    default: []
  settle:
    description: Wait so many seconds at most until no transaction is in progress.
    type: int
    default: 0
  must_be_healthy:
    description: Fail when something is wrong; otherwise RV(healthy) tells it.
    type: bool
    default: false
extends_documentation_fragment:
  - qtctl.qtctl.common
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
author:
  - The qtctl maintainers (@qtctl)
"""

EXAMPLES = r"""
- name: Look what is wrong
  qtctl.qtctl.status:
  register: looked

- name: Stop here unless the host is idle and healthy
  qtctl.qtctl.status:
    settle: 60
    must_be_healthy: true
"""

RETURN = r"""
rc:
  description: The exit status of qtctl; V(3) says that something is wrong.
  returned: always
  type: int
  sample: 0
outcome:
  description: How it ended.
  returned: always
  type: str
  sample: done
stamp:
  description: Always V(null), as no backup is taken.
  returned: always
  type: str
healthy:
  description: Whether nothing is wrong.
  returned: always
  type: bool
busy:
  description: Whether a transaction is in progress.
  returned: always
  type: bool
result:
  description: The whole document of C(qtctl status --json), with units, releases, problems and transaction.
  returned: always
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.qtctl.qtctl.plugins.module_utils.qtctl import Qtctl, argument_spec


def main():
    module = AnsibleModule(
        argument_spec=argument_spec(
            units=dict(type="list", elements="str", default=[]),
            settle=dict(type="int", default=0),
            must_be_healthy=dict(type="bool", default=False),
        ),
        supports_check_mode=True,
    )
    qtctl = Qtctl(module)
    answer = qtctl.settle(module.params["settle"])
    if module.params["units"] and answer.status in (0, 3):
        answer = qtctl.run("status", qtctl.options(), module.params["units"])
    result = dict(healthy=answer.status == 0, busy=answer.document.get("transaction") is not None)
    if answer.status not in (0, 3) or (answer.status == 3 and module.params["must_be_healthy"]):
        qtctl.fail("status", answer, **result)
    qtctl.finish(answer, **result)


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright 2026 The qtctl authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)

from __future__ import annotations

DOCUMENTATION = r"""
module: verify
short_description: Run every check of a release with qtctl
version_added: "1.0.0"
description:
  - Runs the checks that the manifest asks for, and fails with those that failed.
options:
  probe:
    description: Send a marked probe through the pipeline, where the manifest describes one; in check mode none is sent.
    type: bool
    default: true
  stable:
    description: How long every unit must stay up, such as V(15s); the manifest says it otherwise.
    type: str
extends_documentation_fragment:
  - qtctl.qtctl.common
attributes:
  check_mode:
    support: full
    details: Runs the checks without a probe.
  diff_mode:
    support: none
author:
  - The qtctl maintainers (@qtctl)
"""

EXAMPLES = r"""
- name: Prove that the release works
  qtctl.qtctl.verify:
    name: shop
"""

RETURN = r"""
rc:
  description: The exit status of qtctl; V(30) says that a check failed.
  returned: always
  type: int
  sample: 0
outcome:
  description: How it ended.
  returned: always
  type: str
  sample: verified
stamp:
  description: Always V(null), as no backup is taken.
  returned: always
  type: str
failures:
  description: Each check that failed, with its subject and what was found.
  returned: always
  type: list
  elements: str
  sample: ["unit.active shop.service: failed (exit-code)"]
result:
  description: The whole document of C(qtctl verify --json), with every check and its evidence.
  returned: always
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.qtctl.qtctl.plugins.module_utils.qtctl import Qtctl, argument_spec


def main():
    module = AnsibleModule(
        argument_spec=argument_spec(probe=dict(type="bool", default=True), stable=dict(type="str")),
        supports_check_mode=True,
    )
    qtctl = Qtctl(module)
    words = qtctl.options(durations=("stable",))
    if module.check_mode or not module.params["probe"]:
        words.append("--no-probe")
    answer = qtctl.run("verify", words)
    failures = [
        "%s %s: %s" % (check.get("id"), check.get("subject"), check.get("detail"))
        for check in answer.document.get("checks") or []
        if check.get("status") == "fail"
    ]
    if answer.status != 0:
        qtctl.fail("verify", answer, failures=failures)
    qtctl.finish(answer, failures=failures)


if __name__ == "__main__":
    main()

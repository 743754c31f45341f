#!/usr/bin/python
# Copyright 2026 The qtctl authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)

from __future__ import annotations

DOCUMENTATION = r"""
module: release_facts
short_description: Tell which releases run on a host, and the last stamp of each
version_added: "1.0.0"
description:
  - Sets the fact C(qtctl), which holds what was deployed on the host by qtctl, by name. Changes nothing.
extends_documentation_fragment:
  - qtctl.qtctl.common
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  facts:
    description: Action returns an C(ansible_facts) dictionary that updates the facts of the host.
    support: full
author:
  - The qtctl maintainers (@qtctl)
"""

EXAMPLES = r"""
- name: See what runs
  qtctl.qtctl.release_facts:

- name: Tell it
  ansible.builtin.debug:
    msg: "{{ ansible_facts.qtctl.releases.shop.version }}, back with {{ ansible_facts.qtctl.releases.shop.stamp }}"
"""

RETURN = r"""
ansible_facts:
  description: The facts that are set.
  returned: always
  type: dict
  contains:
    qtctl:
      description: What qtctl knows of this host.
      returned: always
      type: dict
      contains:
        version:
          description: The version of qtctl.
          type: str
          returned: always
          sample: 1.0.0
        busy:
          description: Whether a transaction is in progress.
          type: bool
          returned: always
        interrupted:
          description: A transaction that is neither done nor undone, and what to do; V(null) without one.
          type: str
          returned: always
        problems:
          description: What is wrong, the gravest first.
          type: list
          elements: str
          returned: always
        releases:
          description: >-
            What runs under each name, with C(version), C(digest), C(verified), C(deployed) (ISO 8601), C(drift) (paths),
            C(stamp) (the newest backup) and C(last) (the last transaction as the history has it).
          type: dict
          returned: always
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.qtctl.qtctl.plugins.module_utils.qtctl import Qtctl, argument_spec


def fact_of(entry):
    """What a playbook needs of one release of a status."""
    release = entry.get("release") or {}
    return dict(
        version=release.get("version"),
        digest=release.get("digest"),
        verified=entry.get("verified"),
        deployed=entry.get("deployed"),
        drift=entry.get("drift") or [],
        stamp=(entry.get("backups") or {}).get("newest"),
        last=entry.get("last"),
    )


def main():
    module = AnsibleModule(argument_spec=argument_spec(), supports_check_mode=True)
    qtctl = Qtctl(module)
    answer = qtctl.run("status", qtctl.options())
    # A host on which nothing was deployed yet has no manifest that could be looked at.
    if answer.status not in (0, 3) and not qtctl.is_unused():
        qtctl.fail("status", answer)
    document = answer.document
    facts = dict(
        version=qtctl.version(),
        busy=document.get("transaction") is not None,
        interrupted=document.get("interrupted"),
        problems=["%s %s" % (problem.get("subject"), problem.get("what")) for problem in document.get("problems") or []],
        releases={
            entry.get("name"): fact_of(entry)
            for entry in document.get("releases") or []
            if entry.get("name") and entry.get("release")
        },
    )
    module.exit_json(changed=False, ansible_facts=dict(qtctl=facts))


if __name__ == "__main__":
    main()

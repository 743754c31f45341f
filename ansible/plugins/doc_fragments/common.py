# Copyright 2026 The qtctl authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  manifest:
    description: The manifest on the host, or a folder with a C(qtctl.yaml).
    type: path
  name:
    description: Use the manifest that was deployed on the host under this name.
    type: str
  executable:
    description: The program on the host; otherwise C(qtctl) is looked up in the search path.
    type: path
  timeout:
    description:
      - The seconds that qtctl may take. Then it is interrupted, puts the host back to its state before, and the task fails.
    type: int
    default: 900
  redis_url:
    description: Where Redis is, in the place of what the manifest says; it may hold a password and is never logged.
    type: str
requirements:
  - qtctl on the host, as the role P(qtctl.qtctl.install#role) installs it
  - root on the host, so C(become) where the connection is another user's
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the target.
  diff_mode:
    description: Will return details on what has changed, or would in C(check_mode), when in diff mode.
"""

    TRANSACTION = r"""
options:
  wait:
    description: How long to wait for another transaction on the host to end, such as V(5m).
    type: str
  reason:
    description: Why this is done; kept in the history of the host, and in a backup that is taken for it.
    type: str
"""

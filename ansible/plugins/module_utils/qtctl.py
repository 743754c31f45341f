# Copyright 2026 The qtctl authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)

"""What the modules share: their options, one way to run qtctl, and what its exit statuses mean."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time

# As the README of qtctl has them.
MEANINGS = {
    1: "an internal error of qtctl",
    3: "something is wrong",
    10: "no such stamp; nothing was changed",
    11: "another transaction holds the lock; nothing was changed",
    12: "a backup is damaged; nothing was changed",
    13: "drift: a file on the host is not as the last transaction left it; nothing was changed",
    14: "refused by preflight or because of the manifest; nothing was changed",
    20: "failed or interrupted; the host is rolled back and verified healthy",
    21: "failed, and the host is NOT verified healthy; a person has to look",
    22: "an interrupted transaction was found and undone; run it again",
    30: "a check failed",
    64: "wrong usage; is this qtctl older than the collection?",
}

# Those after which units may have been stopped and started, whatever state the host is in now.
TOUCHED = (20, 21, 22)

# Where qtctl keeps its records; their names are contract.
STATE = os.environ.get("QTCTL_STATE") or "/var/lib/qtctl"

# A document of more bytes than this is not from qtctl.
LIMIT = 64 << 20


def argument_spec(**options):
    """Options of a module with those that every module has."""
    return dict(
        manifest=dict(type="path"),
        name=dict(type="str"),
        executable=dict(type="path"),
        timeout=dict(type="int", default=900),
        redis_url=dict(type="str", no_log=True),
        **options
    )


def transaction_spec(**options):
    """Options of a module that changes a host with those that every such module has."""
    return argument_spec(wait=dict(type="str"), reason=dict(type="str"), **options)


class Answer:
    """The end of one run of qtctl."""

    def __init__(self, status, document, errors):
        self.status = status
        self.document = document
        self.errors = errors

    @property
    def outcome(self):
        return self.document.get("outcome")

    @property
    def message(self):
        return self.document.get("message") or self.errors or "it said nothing"

    @property
    def steps(self):
        return self.document.get("steps") or []


class Qtctl:
    """Runs qtctl for a module, and ends the module."""

    def __init__(self, module):
        self.module = module
        self.program = module.params["executable"] or module.get_bin_path(
            "qtctl", opt_dirs=["/usr/bin", "/usr/local/bin"]
        )
        if not self.program or not os.access(self.program, os.X_OK):
            module.fail_json(
                msg="'%s' is not installed on this host; install it with the role qtctl.qtctl.install"
                % (self.program or "qtctl")
            )

    def options(self, durations=(), texts=(), flags=()):
        """Command line words for those options of the module that are set: a parameter is an option of the same name."""
        params = self.module.params
        words = []
        for key in ("manifest", "name") + tuple(durations) + tuple(texts):
            if params.get(key) is not None:
                # One word, so that a value that begins with a dash is no option.
                words.append("--%s=%s" % (key.replace("_", "-"), params[key]))
        for key in flags:
            if params.get(key):
                words.append("--%s" % key.replace("_", "-"))
        return words

    def run(self, command, words=(), arguments=()):
        """Runs a command of qtctl with --json and returns its Answer; fails the module when it gave none."""
        argv = [self.program, command, "--json", "--quiet"] + list(words)
        if arguments:
            argv += ["--"] + list(arguments)
        status, output, errors = self._execute(argv)
        try:
            document = json.loads(output.decode("utf-8", "replace"))
        except ValueError:
            document = None
        if not isinstance(document, dict) or document.get("schema") != "qtctl/1":
            self.module.fail_json(
                msg="qtctl %s ended with %s (%s) and printed no result of schema qtctl/1: %s"
                % (command, status, meaning(status), errors or output[:2000].decode("utf-8", "replace")),
                rc=status,
                changed=status in TOUCHED,
            )
        return Answer(status, document, errors)

    def run_to_end(self, command, words=(), arguments=()):
        """Like `run`, once more where qtctl has first undone what had been interrupted before."""
        answer = self.run(command, words, arguments)
        if answer.status != 22:
            return answer, False
        self.module.warn("an interrupted transaction was undone first: %s" % answer.message)
        return self.run(command, words, arguments), True

    def transact(self, command, words, argument):
        """Runs a transaction, in check mode its dry run, and ends the module with what came of it."""
        dry = ["--dry-run"] if self.module.check_mode else []
        answer, recovered = self.run_to_end(command, words + dry, [argument] if argument else [])
        result = dict(recovered=recovered, diff=dict(prepared=plan_text(answer)))
        if answer.status != 0:
            self.fail(command, answer, changed=recovered or answer.status in TOUCHED, **result)
        changed = bool(answer.steps) if self.module.check_mode else answer.outcome != "unchanged"
        self.finish(answer, changed=changed or recovered, **result)

    def version(self):
        """What `qtctl --version` says, without the name."""
        status, output, errors = self._execute([self.program, "--version"])
        words = output.decode("utf-8", "replace").split()
        if status != 0 or len(words) < 2 or words[0] != "qtctl":
            self.module.fail_json(msg="'%s --version' ended with %s: %s" % (self.program, status, errors), rc=status)
        return words[1]

    def settle(self, seconds):
        """Waits until no transaction is in progress on this host, and returns the status that shows it."""
        deadline = time.monotonic() + seconds
        while True:
            answer = self.run("status", self.options())
            # Without a manifest the status cannot tell of the first deploy on a host while it is in progress.
            first = answer.status == 14 and os.path.exists(os.path.join(STATE, "transaction.jsonl"))
            busy = first or answer.document.get("transaction") is not None
            if not busy or time.monotonic() >= deadline:
                return answer
            time.sleep(1)

    def is_unused(self):
        """Whether nothing was ever deployed on this host, and no manifest is named."""
        if self.module.params["manifest"] or self.module.params["name"]:
            return False
        try:
            return not any(name.endswith(".json") for name in os.listdir(os.path.join(STATE, "installed")))
        except OSError:
            return True

    def fail(self, command, answer, **result):
        """Ends the module as failed, in qtctl's own words."""
        self.module.fail_json(
            msg="qtctl %s: %s (exit %s: %s)" % (command, answer.message, answer.status, meaning(answer.status)),
            **dict(values(answer), **result)
        )

    def finish(self, answer, **result):
        """Ends the module as done."""
        self.module.exit_json(msg=answer.message, **dict(values(answer), **result))

    def _execute(self, argv):
        """Runs a program in a session of its own: what ends the connection does not end it half way.

        Its output goes to files, so that it can be written when nobody reads any more.
        """
        environment = dict(os.environ, LC_ALL="C.UTF-8", NO_COLOR="1")
        if self.module.params["redis_url"] is not None:
            environment["QTCTL_REDIS"] = self.module.params["redis_url"]
        timeout = self.module.params["timeout"]
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            try:
                process = subprocess.Popen(
                    argv, stdin=subprocess.DEVNULL, stdout=output, stderr=errors, cwd="/", env=environment,
                    start_new_session=True,
                )
            except OSError as error:
                self.module.fail_json(msg="cannot run '%s': %s" % (argv[0], error))
            try:
                process.wait(timeout)
            except subprocess.TimeoutExpired:
                self._interrupt(process, argv[1], timeout)
            output.seek(0)
            errors.seek(0, os.SEEK_END)
            errors.seek(max(0, errors.tell() - 4096))
            text = errors.read().decode("utf-8", "replace").strip()
            return process.returncode, output.read(LIMIT), text

    def _interrupt(self, process, command, timeout):
        """SIGTERM: qtctl puts back the state before. It is never killed, which would leave that to its watchdog."""
        process.terminate()
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.module.fail_json(
                msg="qtctl %s did not end within %s s, nor within %s s after SIGTERM; it goes on as pid %s: "
                "run 'qtctl status' on this host" % (command, timeout, timeout, process.pid),
                changed=True,
            )


def meaning(status):
    """What an exit status says, for a person."""
    return MEANINGS.get(status, "unknown; the program was killed or is not qtctl")


def values(answer):
    """What every module returns of an answer."""
    return dict(
        rc=answer.status,
        outcome=answer.outcome,
        stamp=answer.document.get("stamp"),
        changed=answer.status in TOUCHED,
        result=answer.document,
    )


def plan_text(answer):
    """The steps of a plan, one a line, as the diff of a module."""
    lines = []
    for step in answer.steps:
        detail = step.get("detail")
        lines.append("%s (%s)\n" % (step.get("name"), detail) if detail else "%s\n" % step.get("name"))
    return "".join(lines)

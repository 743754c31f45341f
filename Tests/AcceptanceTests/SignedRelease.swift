import Rehearsal
import TestSupport

/// A signed release with a file, a folder and a link beside it, the keys of a few people, and a host that asks for signatures.
enum SignedRelease {
  static let allowed = "/etc/qtctl/allowed_signers"
  static let sign = "qtctl sign \(PlainRelease.folder) --key /root/keys/alice --quiet"

  /// Whoever may sign is alice, bob in the past, and carol for commits only; mallory may not, and rob's key was revoked.
  static func write(to site: Site) async throws {
    try await PlainRelease.write("1", .good, to: site)
    try await site.machine.write(signer, to: "/root/sign.py")
    try await site.sh(
      """
      mkdir -m 700 /root/keys; mkdir -p /etc/qtctl
      for name in alice bob carol mallory rob; do ssh-keygen -q -t ed25519 -N '' -C $name -f /root/keys/$name; done
      key() { cut -d' ' -f1,2 /root/keys/$1.pub; }
      { echo "alice@example.org namespaces=\\"qtctl\\" $(key alice)"
        echo "bob@example.org namespaces=\\"qtctl\\",valid-before=\\"20200101\\" $(key bob)"
        echo "carol@example.org namespaces=\\"git\\" $(key carol)"
        echo "rob@example.org $(key rob)"; } >\(allowed)
      cp /root/keys/rob.pub /etc/qtctl/revoked_keys
      cd \(PlainRelease.folder); mkdir -m 755 more; echo text >more/text; ln -s text more/link
      """)
  }

  /// What is done to a signed release or its host, and a word of the refusal. Each begins with the release as alice has
  /// signed it.
  static let attacks: [(name: String, script: String, words: String)] = [
    ("a flipped byte", "printf X | dd of=plain.conf bs=1 conv=notrunc status=none", "is not what was signed"),
    ("a mode", "chmod 755 plain.conf", "is not what was signed"),
    ("the mode of a folder", "chmod 700 more", "is not what was signed"),
    ("a link", "ln -sfn /etc/passwd more/link", "is not what was signed"),
    ("an added file", "echo >more/new", "is not what was signed"),
    ("an added folder", "mkdir empty", "is not what was signed"),
    ("a removed file", "rm more/text", "is not what was signed"),
    ("a renamed file", "mv more/text more/test", "is not what was signed"),
    ("a file for a link", "rm more/link; cp more/text more/link", "is not what was signed"),
    ("a hidden name", "echo >more/.x.qtctl-staged", "stages"),
    ("a file of holes", "truncate -s 20G more/holes", "put the release into a folder of its own"),
    (
      "a file that grows",
      // It is copied after a file that takes a while.
      "head -c 64M /dev/zero >a; (while :; do echo x >>more/text; done) >/dev/null 2>&1 & echo $! >/root/grower; sleep 0.1",
      "cannot be copied"
    ),
    ("a pipe", "mkfifo more/pipe", "neither a file"),
    ("a setuid bit", "chmod 4755 plain", "setuid"),
    ("no signature", "rm qtctl.sig", "is not signed"),
    ("a stranger", "rm qtctl.sig; \(by("mallory"))", "does not allow now"),
    ("an expired key", "rm qtctl.sig; \(by("bob"))", "does not allow now"),
    ("a key for commits", "rm qtctl.sig; \(by("carol"))", "does not count here"),
    ("a revoked key", "rm qtctl.sig; \(by("rob"))", "revoked"),
    (
      "another namespace",
      "echo x >x; ssh-keygen -q -Y sign -f /root/keys/alice -n git x 2>/dev/null; rm x; mv x.sig qtctl.sig",
      "is not what was signed"
    ),
    ("a huge signature", "truncate -s 1G qtctl.sig", "no signature"),
    ("a pipe for a signature", "rm qtctl.sig; mkfifo qtctl.sig", "neither a file"),
    ("a link for a signature", "mv qtctl.sig /root/sig; ln -s /root/sig qtctl.sig", "no signature"),
    ("a source outside", "sed -i 's|source: plain.conf|source: /etc/hostname|' qtctl.yaml; \(another)", "outside"),
    (
      "a source behind a link",
      "sed -i 's|source: plain.conf|source: up/hostname|' qtctl.yaml; ln -s /etc up; \(another)", "behind"
    ),
    ("a list that others write", "chmod 666 \(allowed)", "written by everybody"),
    ("a list of somebody", "chown nobody \(allowed)", "belongs to nobody"),
    ("a link of somebody", "mv \(allowed) /root/a; ln -s /root/a \(allowed); chown -h nobody \(allowed)", "nobody"),
    ("a link to nothing", "rm \(allowed); ln -s /nothing \(allowed)", "leads nowhere"),
    ("a pipe for a list", "rm \(allowed); mkfifo \(allowed)", "not a plain file"),
    ("a huge list", "truncate -s 2M \(allowed)", "not a plain file"),
    ("an empty list", ": >\(allowed)", "does not allow now"),
    ("a list of revoked keys that others write", "chmod 666 /etc/qtctl/revoked_keys", "written by everybody"),
    ("a list of revoked keys that is none", "head -c 99 /dev/urandom >/etc/qtctl/revoked_keys", "does not count here"),
    (
      "an ssh-keygen that hangs",
      "mv /usr/bin/ssh-keygen /usr/bin/gone; printf '#!/bin/sh\ntrap \"\" TERM\nsleep 99\n' >/usr/bin/ssh-keygen; "
        + "chmod 755 /usr/bin/ssh-keygen", "has not ended within"
    ),
    ("no ssh-keygen", "mv /usr/bin/ssh-keygen /usr/bin/gone", "openssh-client"),
  ]

  /// Alice signs by the description of the format alone, and refuses nothing.
  private static let another = "rm qtctl.sig; python3 /root/sign.py"
  private static let signer = #"""
    import hashlib, os, subprocess

    def escaped(text):
        return "".join(chr(c) if 32 < c < 127 and c != 92 else f"\\x{c:02x}" for c in os.fsencode(text))

    lines = []
    for folder, folders, files in os.walk("."):
        for path in [os.path.join(folder, name)[2:] for name in folders + files]:
            name, mode = escaped(path), os.lstat(path).st_mode
            if os.path.islink(path): line = f"link {escaped(os.readlink(path))} {name}"
            elif os.path.isdir(path): line = f"folder 0{mode & 0o755 | 0o700:o} {name}"
            else: line = f"file 0{mode & 0o755:o} {hashlib.sha256(open(path, 'rb').read()).hexdigest()} {name}"
            lines.append((name, line + "\n"))
    text = "qtctl release listing 1\n" + "".join(line for _, line in sorted(lines))
    sign = ["ssh-keygen", "-Y", "sign", "-f", "/root/keys/alice", "-n", "qtctl"]
    with open("/root/new.sig", "wb") as out: subprocess.run(sign, input=text.encode(), stdout=out, check=True)
    os.rename("/root/new.sig", "qtctl.sig")

    """#

  private static func by(_ name: String) -> String {
    "qtctl sign \(PlainRelease.folder) --key /root/keys/\(name) --quiet"
  }
}

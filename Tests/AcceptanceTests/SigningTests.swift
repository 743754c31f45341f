import Deployment
import Rehearsal
import TestSupport
import Testing

@Suite("A host that asks for signed releases", .serialized)
struct SigningTests {
  @Test("deploys what an allowed person has signed, folder and archive alike, and what it was when it was proved")
  func deploys() async throws {
    try await Site.with(name: "signed") { site in
      try await SignedRelease.write(to: site)
      let (folder, sign) = (PlainRelease.folder, SignedRelease.sign)
      let unsigned = try await site.qtctl("deploy", folder)
      #expect(unsigned.exit == 14 && unsigned.message.contains("is not signed"), "\(unsigned)")
      // What no signature covers does not come along: an attribute, and what others in the group could write.
      let attribute = "import os; os.setxattr('\(folder)/plain', 'trusted.x', b'1')"
      try await site.sh("\(sign); python3 -c \"\(attribute)\"; chmod g+w \(folder)/plain.conf")
      let first = try await site.qtctl("deploy", folder)
      #expect(first.exit == 0 && first.outcome == .deployed, "\(first)")
      let left = "import os; print(os.listxattr('/usr/local/bin/plain'))"
      #expect(try await site.sh("stat -c %a /etc/plain/plain.conf; python3 -c \"\(left)\"") == "644\n[]\n")
      #expect(try await site.sh("ls /var/lib/qtctl | grep unpacked || true") == "")

      // Signed by the format's description.
      try await site.sh("cd \(folder); rm qtctl.sig; python3 /root/sign.py")
      let same = try await site.qtctl("deploy", "--dry-run", folder)
      #expect(same.exit == 0, "\(same)")

      // Packed by whoever has another umask, below a folder of its own.
      try await PlainRelease.write("2", .good, to: site)
      let archive = "/root/plain.tar.zst"
      try await site.sh("\(sign); chmod -R g+w \(folder); tar --zstd -cf \(archive) -C /root plain")
      let second = try await site.qtctl("deploy", archive)
      #expect(second.exit == 0 && second.outcome == .deployed, "\(second)")
      try await site.sh("echo >>\(folder)/plain.conf; tar --zstd -cf \(archive) -C /root plain")
      let changed = try await site.qtctl("deploy", archive)
      #expect(changed.exit == 14 && changed.message.contains("is not what was signed"), "\(changed)")

      // The way back needs no signature, and no list that can be read.
      try await site.sh("rm -r \(folder); chmod 666 \(SignedRelease.allowed)")
      let back = try await site.qtctl("rollback")
      #expect(back.exit == 0, "\(back)")
      #expect(try await PlainRelease.running(site) == "plain 1, active")
    }
  }

  @Test("refuses all else in a deploy and a dry run, says why, and touches nothing", .timeLimit(.minutes(2)))
  func refuses() async throws {
    try await Site.with(name: "unsigned") { site in
      try await SignedRelease.write(to: site)
      try await site.sh("\(SignedRelease.sign); cp -a /root/plain /root/good; cp -a /etc/qtctl /root/host")
      let before = try await PlainRelease.everything(site)
      for attack in SignedRelease.attacks {
        try await site.sh("cd \(PlainRelease.folder); \(attack.script)")
        let command = attack.name.contains("list") ? ["deploy", "--dry-run"] : ["deploy"]
        let run = try await site.qtctl(command + [PlainRelease.folder], within: .seconds(30))
        #expect(run.exit == 14 && run.message.contains(attack.words), "\(attack.name): \(run)")
        try await site.sh(
          """
          [ ! -e /root/grower ] || kill "$(cat /root/grower)"; rm -f /root/grower
          [ ! -e /usr/bin/gone ] || mv /usr/bin/gone /usr/bin/ssh-keygen
          rm -rf /root/plain /etc/qtctl; cp -a /root/good /root/plain; cp -a /root/host /etc/qtctl
          """)
      }
      try await Self.tries(site)
      #expect(try await PlainRelease.everything(site) == before)
      #expect(try await site.sh("ls -A /var/lib/qtctl 2>/dev/null || true") == "")
      // What was put back is as it was signed; the message was not about something else.
      let run = try await site.qtctl("deploy", "--dry-run", PlainRelease.folder)
      #expect(run.exit == 0, "\(run)")
    }
  }

  /// What only tries a release asks for its signature as well, before it reads it: a manifest that is none is not told of.
  private static func tries(_ site: Site) async throws {
    let (folder, archive) = (PlainRelease.folder, "/root/tried.tar")
    try await site.sh(
      "cd \(folder); cp qtctl.yaml /root/kept.yaml; echo '{' >qtctl.yaml; tar -cf \(archive) -C /root plain")
    for command in [["rehearse"], ["prove"], ["deploy", "--rehearse"]] {
      for release in [folder, folder + "/qtctl.yaml", archive] {
        let run = try await site.qtctl(command + [release], within: .seconds(30))
        #expect(run.exit == 14 && run.message.contains("is not what was signed"), "\(command) \(release): \(run)")
      }
    }
    try await site.sh("cp /root/kept.yaml \(folder)/qtctl.yaml; tar -cf \(archive) -C /root plain")
    for release in [folder, archive] {
      let run = try await site.qtctl("rehearse", release, "--no-reboot", "--stable", "0s")
      #expect(run.exit == 0 && run.outcome == .verified, "\(run)")
    }
    let proof = try await site.qtctl("prove", folder, "--row", "service.killed")
    #expect(proof.exit == 0 && proof.checks.first?.status == .pass, "\(proof)")
  }
}

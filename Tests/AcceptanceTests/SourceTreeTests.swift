import Deployment
import Rehearsal
import TestSupport
import Testing

@Suite("A host of many services on one source tree")
struct SourceTreeTests {
  private static let first = SourceTree.environmentUsers.count
  private static let all = SourceTree.services.count

  private static func seen(_ code: String, _ environment: String) -> [String] {
    Array(repeating: "\(code) \(environment)", count: first) + Array(repeating: "\(code) same", count: all - first)
  }

  @Test("runs one version after a deploy, a rollback to what was there by hand, and a release that fails")
  func oneVersion() async throws {
    try await Site.with(name: "tree") { site in
      let tree = try await SourceTree(on: site)
      try await tree.write("v2", code: "2", environment: "2")
      try await tree.write("v3", code: "2", environment: "3")
      try await tree.write("bad", code: "4", environment: "3", broken: true)

      let before = try await tree.starts()
      let second = try await site.qtctl("deploy", tree.folder("v2"))
      #expect(second.exit == 0, "\(second)")
      #expect(try await tree.seen() == Self.seen("2", "2"))
      // Each exactly once.
      #expect(try await tree.starts() == before.map { $0 + 1 })
      #expect(try await site.active("tr-idle", "tr-job.timer") == "inactive active")
      #expect(second.checks.filter { $0.status == .warn }.map(\.subject) == ["tr-crash.service"], "\(second)")

      let back = try await site.qtctl("rollback", "--name", "tree")
      #expect(back.exit == 0, "\(back)")
      #expect(try await tree.seen() == Self.seen("1", "1"))
      // No run in between: not one of the old version after one of the new.
      try await site.wait(for: "[ \"$(uniq /run/tree-job | tr '\\n' ' ')\" = '1 2 1 ' ]")

      #expect(try await site.qtctl("deploy", tree.folder("v2")).exit == 0)
      let then = try await tree.invocations()
      #expect(try await site.qtctl("deploy", tree.folder("v3")).exit == 0)
      #expect(try await tree.seen() == Self.seen("2", "3"))
      // One is part of a service that uses the environment file.
      #expect(try await tree.restarted(since: then) == SourceTree.environmentUsers.union(["tr-6"]))

      let failed = try await site.qtctl("deploy", tree.folder("bad"))
      #expect(failed.exit == 20, "\(failed)")
      #expect(try await tree.seen() == Self.seen("2", "3"))
      #expect(try await site.active("tr-idle", "tr-job.timer") == "inactive active")
      for _ in 1...5 {
        let verify = try await site.qtctl("verify", "--name", "tree")
        #expect(verify.exit == 0, "\(verify)")
      }
    }
  }

  @Test(
    "named as folders, is taken over as it is, changed, and brought back, by restore.sh too; what services wrote stays")
  func asFolders() async throws {
    try await Site.with(name: "folders") { site in
      let tree = try await SourceTree(on: site, asFolders: true)
      try await tree.write("v1", code: "1", environment: "1")
      try await tree.write("v2", code: "2", environment: "1")
      let written = "mkdir /opt/tree/lib/data; echo own >/opt/tree/lib/data/db; echo own >/opt/tree/lib/written"
      try await site.sh(written)
      let then = try await tree.invocations()

      // By hand it was the same.
      let first = try await site.qtctl("deploy", tree.folder("v1"))
      #expect(first.exit == 0 && first.outcome == .unchanged, "\(first)")
      #expect(try await tree.restarted(since: then).isEmpty)

      let second = try await site.qtctl("deploy", tree.folder("v2"))
      #expect(second.exit == 0, "\(second)")
      #expect(try await tree.seen() == Self.seen("2", "1"))
      #expect(try await site.sh("cat /opt/tree/lib/data/db /opt/tree/lib/written") == "own\nown\n")

      try await site.sh("sed -i '1i # changed' \(tree.folder("v2"))/services/s3.py")
      let before = try await tree.invocations()
      #expect(try await site.qtctl("deploy", tree.folder("v2")).exit == 0)
      #expect(try await tree.restarted(since: before) == ["tr-3"])

      let back = try await site.qtctl("rollback", "--name", "tree", try #require(second.stamp))
      #expect(back.exit == 0, "\(back)")
      #expect(try await tree.seen() == Self.seen("1", "1"))

      #expect(try await site.qtctl("deploy", tree.folder("v2")).exit == 0)
      try await site.sh("sh $(ls -d /var/backups/tree/2*/ | tail -n 1)restore.sh")
      try await site.wait(for: "[ \"$(cat /run/tree/tr-* | cut -d' ' -f1 | sort -u)\" = 1 ]")
      #expect(try await site.sh("cat /opt/tree/lib/data/db /opt/tree/lib/written") == "own\nown\n")
      #expect(try await tree.seen() == Self.seen("1", "1"))
    }
  }
}

import Deployment
import Rehearsal
import TestSupport
import Testing

@Suite("Many deploys at once")
struct ManyDeploysTests {
  /// Where the deploys of a test leave what they said.
  private static let outputs = "/root/many"

  /// Deploys the slow release and returns while its service starts, which takes it three seconds.
  private static func begin(_ site: Site) async throws -> BackgroundProcess {
    try await PlainRelease.write("1", .slow, to: site)
    let first = try await site.machine.spawn(["qtctl", "deploy", PlainRelease.folder])
    try await site.wait(for: "grep -q 'start plain.service' /var/lib/qtctl/transaction.jsonl")
    return first
  }

  @Test("of twenty, one runs and nineteen are turned away with exit 11, told by whom")
  func turnedAway() async throws {
    try await Site.with(name: "twenty") { site in
      try await PlainRelease.write("1", .slow, to: site)
      let script = """
        mkdir \(Self.outputs); cd \(Self.outputs)
        for n in $(seq 20); do
          (status=0; qtctl deploy \(PlainRelease.folder) 2> $n.err > $n.out || status=$?; echo $status > $n.exit) &
        done
        wait
        sort *.exit | uniq -c | tr -s ' '
        """
      #expect(try await site.sh(script) == " 1 0\n 19 11\n")
      let told =
        "another transaction holds the lock .* pid [0-9]+ of root, 'deploy \(PlainRelease.folder)', "
        + "in '[a-z ]+', since [-0-9]{10} [:0-9]{8}Z"
      let named = try await site.sh("cd \(Self.outputs); grep -lE \"\(told)\" *.err | wc -l")
      let said = try await site.sh("cat \(Self.outputs)/*.err")
      #expect(named == "19\n", "\(said)")
      #expect(try await PlainRelease.running(site) == "plain 1, active")
      #expect(try await site.sh("wc -l < /var/lib/qtctl/history.jsonl") == "1\n")
    }
  }

  @Test("with --wait run in the order in which they came, each told of whom it waits for; one that dies is gone past")
  func inOrder() async throws {
    try await Site.with(name: "in-order") { site in
      let first = try await Self.begin(site)
      var waiting: [(number: Int, process: BackgroundProcess)] = []
      for number in 1...7 {
        let process = try await site.machine.spawn([
          "sh", "-c", "exec qtctl deploy --wait 60s --reason \(number) \(PlainRelease.folder) 2> /root/\(number).err",
        ])
        waiting.append((number, process))
        try await site.wait(for: "grep -q 'waiting for pid' /root/\(number).err")
        if number == 3 { process.kill() }
      }
      #expect(try await first.output().succeeded)
      for (number, process) in waiting where number != 3 {
        #expect(try await process.output().succeeded, "\(number)")
      }
      let reasons = try await site.sh("grep -o '\"reason\":\"[0-9]*\"' /var/lib/qtctl/history.jsonl | tr -dc '0-9\\n'")
      #expect(reasons == "1\n2\n4\n5\n6\n7\n")
      let told = try await site.sh("cat /root/7.err")
      #expect(told.contains("in 'commit', since "), "\(told)")
      #expect(told.contains("; 5 ahead of this one"), "\(told)")
      #expect(try await site.sh("grep -c 'waiting for pid' /root/7.err") == "6\n", "\(told)")
    }
  }
}

import Deployment
import FileOperations
import Rehearsal
import TestSupport
import Testing

@Suite("The example of a workflow", .serialized)
struct HostWorkflowTests {
  @Test("builds, signs, rehearses, deploys and verifies, as it is written; a broken release ends it and is undone")
  func steps() async throws {
    let steps = try Self.steps()
    #expect(steps.map(\.name) == ["Install", "Keys", "Build", "Check", "Sign", "Rehearse", "Deploy", "Verify"])
    try await Fleet.with(name: "workflow", hosts: 1) { fleet in
      let (desk, host) = (fleet.desk, fleet.hosts[0])
      let environment = try await Self.prepare(fleet)
      for (version, behaviour, end) in [("1", PlainRelease.Behaviour.good, "Verify"), ("2", .dies, "Rehearse")] {
        try await PlainRelease.write(version, behaviour, to: desk)
        // What a machine boots, and so what the copy of it boots.
        try await desk.sh("sed -i 's/^WantedBy=.*/& rehearsal.target/' \(PlainRelease.folder)/plain.service")
        var last = ""
        for step in steps.dropFirst() {
          var variables = environment
          variables["SIGNING"] = "/root/.ssh/signing"
          let run = try await desk.machine.run(
            ["bash", "-e", "-c", step.script], environment: variables, workingDirectory: "/root", within: .seconds(120))
          last = step.name
          guard run.succeeded else {
            #expect(version == "2", "\(step.name): \(run.stdout)\(run.stderr)")
            break
          }
        }
        #expect(last == end)
        #expect(try await PlainRelease.running(host) == "plain 1, active")
      }
      #expect(try await desk.sh("cat /root/verify.xml").contains("<testsuite name=\"qtctl verify\""))
      #expect(try await host.sh("tail -n 1 /var/lib/qtctl/history.jsonl").contains("commit 0123abc"))

      // Past the rehearsal, the deploy itself ends as it ends on the host.
      let deploy = try #require(steps.first { $0.name == "Deploy" })
      let run = try await desk.machine.run(
        ["bash", "-e", "-c", deploy.script], environment: environment, workingDirectory: "/root")
      #expect(run.status == .exited(20), "\(run.stdout)\(run.stderr)")
      #expect(try await PlainRelease.running(host) == "plain 1, active")
    }
  }

  /// A checkout whose 'make release' makes the release, a host that asks for signatures, and what the service sets.
  private static func prepare(_ fleet: Fleet) async throws -> [String: String] {
    let (desk, host) = (fleet.desk, fleet.hosts[0])
    let makefile = ".PHONY: release\nrelease:\n\trm -rf release && cp -a plain release\n"
    try await desk.machine.write(makefile, to: "/root/Makefile")
    try await desk.sh("cd /root; ssh-keygen -q -t ed25519 -N '' -C ci -f signer; mv .ssh saved")
    let key = try await desk.sh("cut -d' ' -f1,2 /root/signer.pub")
    try await host.machine.write("ci@example.org namespaces=\"qtctl\" \(key)", to: SignedRelease.allowed)
    try await host.machine.write(
      "deploy ALL=(root) NOPASSWD: /usr/local/bin/qtctl\n", to: "/etc/sudoers.d/qtctl", mode: 0o440)
    var environment = ["HOST": "deploy@host1", "GITHUB_SHA": "0123abc", "GITHUB_ENV": "/root/github-env"]
    for (name, file) in [
      ("DEPLOY_KEY", "saved/id_ed25519"), ("SIGNING_KEY", "signer"), ("KNOWN_HOSTS", "saved/known_hosts"),
    ] {
      environment[name] = try await desk.sh("cat /root/\(file)")
    }
    return environment
  }

  /// The steps that have a name and a script, as the example's layout has them.
  private static func steps() throws -> [(name: String, script: String)] {
    let text = String(decoding: try Files.read(Checkout.root + "/docs/examples/deploy.yml"), as: UTF8.self)
    var steps: [(name: String, script: String)] = []
    var isScript = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.hasPrefix("      - ") {
        isScript = false
        if line.hasPrefix("      - name: ") { steps.append((String(line.dropFirst("      - name: ".count)), "")) }
      } else if line == "        run: |" {
        isScript = true
      } else if line.hasPrefix("        run: "), let last = steps.indices.last {
        steps[last].script = String(line.dropFirst("        run: ".count))
      } else if isScript, let last = steps.indices.last {
        if line.hasPrefix("          ") || line.isEmpty {
          steps[last].script += line.dropFirst(10) + "\n"
        } else {
          isScript = false
        }
      }
    }
    return steps
  }
}

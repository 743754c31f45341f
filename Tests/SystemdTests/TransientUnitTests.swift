import FoundationEssentials
import Glibc
import Systemd
import Testing

extension OnRealSystemd {
  struct TransientUnits {
    let manager: ServiceManager
    let stem = "qtctl-test-\(TestUnit.unique())"

    init() throws { manager = try ServiceManager() }

    @Test(arguments: [("/bin/true", JobResult.done), ("/bin/false", .failed)])
    func `a command runs in a unit of its own, which is gone afterwards`(program: String, result: JobResult) throws {
      let name = stem + ".service"
      let job = try manager.startTransient(
        name,
        [
          .text("Description", "A question"), .text("Type", "oneshot"), .text("User", "nobody"),
          .texts("Environment", ["A=1"]), .flag("PrivateTmp", true), .duration("TimeoutStartUSec", .seconds(10)),
          .text("CollectMode", "inactive-or-failed"),
          .command(ExecCommand(directive: "ExecStart", path: program, arguments: [program])),
        ])
      #expect(try manager.wait(for: [job], until: .now + .seconds(10)) == [job: result])
      let gone = try manager.wait(for: name, until: .now + .seconds(10)) { $0.loadState == .notFound }
      #expect(gone != nil)
    }

    @Test func `a timer starts its service when nobody stops it`() throws {
      let marker = "/run/" + stem
      defer { try? FileManager.default.removeItem(atPath: marker) }
      let touch = ExecCommand(directive: "ExecStart", path: "/bin/touch", arguments: ["touch", marker])
      let service: [TransientProperty] = [.command(touch), .flag("RemainAfterExit", true)]
      defer { _ = try? manager.perform(.stop, stem + ".service", within: .seconds(10)) }
      defer { _ = try? manager.perform(.stop, stem + ".timer", within: .seconds(10)) }
      let job = try manager.startTransient(
        stem + ".timer", [.timer("OnActiveSec", .milliseconds(100)), .duration("AccuracyUSec", .milliseconds(1))],
        beside: [stem + ".service": service])
      #expect(try manager.wait(for: [job], until: .now + .seconds(10)) == [job: .done])
      let ran = try manager.wait(for: stem + ".service", until: .now + .seconds(30)) { $0.subState == "exited" }
      #expect(ran?.unitFileState == .transient)
      #expect(FileManager.default.fileExists(atPath: marker))
    }

    @Test func `a property that systemd does not know is refused`() throws {
      let error = #expect(throws: SystemdError.self) {
        try manager.startTransient(stem + ".service", [.text("NoSuchProperty", "x")])
      }
      guard case .refused = error else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
  }
}

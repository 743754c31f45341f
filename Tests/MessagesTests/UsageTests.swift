import Glibc
import Subprocess
import SystemPackage
import TestSupport
import Testing

@Suite("A wrong call")
struct UsageTests {
  @Test(
    "is answered with the command that was probably meant",
    arguments: [
      (["rolback"], "did you mean 'rollback'?"), (["Deploy"], "did you mean 'deploy'?"),
      (["backups", "lst"], "did you mean 'list'?"), (["histroy", "--last", "3"], "did you mean 'history'?"),
      (["xyzzy"], "the commands are deploy, "),
    ])
  func nearest(words: [String], answer: String) async throws {
    let result = try await Subprocess.run(
      .path("/usr/bin/env"), arguments: Arguments([BuiltProgram.path(of: "qtctl")] + words), output: .discarded,
      error: .string(limit: 1 << 16))
    #expect(result.terminationStatus == .exited(64))
    #expect(result.standardError.contains(answer), "\(result.standardError)")
  }

  @Test("whose words cannot be read does not end like one that did its work", .enabled(if: geteuid() == 0))
  func noWords() async throws {
    let script = "umount -l /proc && exec \"$0\" deploy /nowhere"
    let result = try await Subprocess.run(
      .path("/usr/bin/unshare"),
      arguments: ["--mount", "/bin/sh", "-c", script, BuiltProgram.path(of: "qtctl")], output: .discarded,
      error: .string(limit: 1 << 16))
    #expect(result.terminationStatus == .exited(14))
    #expect(result.standardError.contains("/proc"), "\(result.standardError)")
  }
}

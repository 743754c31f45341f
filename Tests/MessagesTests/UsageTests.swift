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
      (["xyzzy"], "the commands are deploy, "), (["help", "rolback"], "did you mean 'rollback'?"),
      (["help", "backups", "lst"], "did you mean 'list'?"),
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

  @Test(
    "is told as every message is, with how it is called right",
    arguments: [
      (["report"], "qtctl: missing: '--html <file>'\n"),
      (["history", "--last", "0"], "qtctl: --last must be at least 1\n"),
      (["status", "--nope"], "qtctl: unknown option '--nope'"),
      (
        ["history", "--last", "x"],
        "qtctl: the value 'x' is invalid for '--last <number>'; write\n       a whole number"
      ),
      (
        ["deploy", "--stable", "5"],
        "qtctl: the value '5' is invalid for '--stable <duration>';\n       write a whole number and a unit, such as 30s"
      ),
    ])
  func wording(words: [String], beginning: String) async throws {
    let result = try await Subprocess.run(
      .path("/usr/bin/env"), arguments: Arguments(["COLUMNS=60", BuiltProgram.path(of: "qtctl")] + words),
      output: .string(limit: 1 << 16), error: .string(limit: 1 << 16))
    let text = result.standardError
    #expect(result.terminationStatus == .exited(64) && result.standardOutput.isEmpty)
    #expect(text.hasPrefix(beginning) && text.contains("Usage: qtctl ") && !text.contains("Error:"), "\(text)")
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 60 }, "\(text)")
  }
}

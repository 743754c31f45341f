import Subprocess
import SystemPackage
import TestSupport
import Testing

@Suite("qtctl lint")
struct LintTests {
  /// As a user without any right, in a mount namespace where nothing of systemd is.
  private func lint(_ arguments: String...) async throws -> (status: Int32?, output: String) {
    let program = BuiltProgram.path(of: "qtctl")
    let script = """
      mount -t tmpfs none /run && exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
      """
    let result = try await Subprocess.run(
      .path("/usr/bin/unshare"),
      arguments: Arguments(["--mount", "sh", "-c", script, "sh", program, "lint"] + arguments),
      output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
    var status: Int32?
    if case .exited(let code) = result.terminationStatus { status = Int32(code) }
    return (status, result.standardOutput + result.standardError)
  }

  @Test("needs neither root nor systemd, and exits 0, 14 or 64")
  func statuses() async throws {
    try await TemporaryFolder.with { folder in
      let good = "name: shop\nservices:\n  - unit: shop.service\n    files: [{target: /etc/shop.conf}]\n"
      try folder.write(good, to: "qtctl.yaml", mode: 0o644)
      _ = try await Subprocess.run(
        .path("/bin/chmod"), arguments: ["755", folder.path], output: .discarded, error: .discarded)
      let first = try await lint(folder.path)
      #expect(first.status == 0 && first.output.contains("does not exist here"), "\(first)")
      let strict = try await lint("--strict", folder.path)
      #expect(strict.status == 14 && strict.output.contains("would be refused"), "\(strict)")
      try folder.write(good.replacing("unit:", with: "unti:"), to: "qtctl.yaml", mode: 0o644)
      let typing = try await lint(folder["qtctl.yaml"])
      #expect(typing.status == 14 && typing.output.contains("\(folder["qtctl.yaml"]):3:5: "), "\(typing)")
      let document = try await lint("--json", folder.path)
      #expect(document.status == 14 && document.output.contains("\"id\" : \"lint.manifest\""), "\(document)")
      let none = try await lint(folder["none"])
      #expect(none.status == 14 && none.output.contains("does not exist"), "\(none)")
      #expect(try await lint("--name", "shop").status == 64)
    }
  }
}

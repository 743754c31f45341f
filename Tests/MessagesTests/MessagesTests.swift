import Subprocess
import SystemPackage
import TestSupport
import Testing

@Suite("The page of messages")
struct MessagesTests {
  /// Help texts as this build prints them, and messages as the sources have them.
  @Test("is what the programs say, help texts included")
  func page() async throws {
    let result = try await Subprocess.run(
      .path("/usr/bin/env"),
      arguments: ["python3", Checkout.root + "/.ci/messages", "--check", BuiltProgram.path(of: "qtctl")],
      output: .discarded, error: .string(limit: 1 << 20))
    #expect(result.terminationStatus.isSuccess, "\(result.standardError)")
  }
}

import ServiceRuntime
import TestSupport
import Testing

/// A service that crashes again and again slows down, and never gives up.
@Suite struct RestartBackoffTests {
  @Test func theWaitDoublesWithEveryStartThatMadeNoProgressUpToHalfAMinute() async throws {
    try await TemporaryFolder.with { folder in
      let waits = (0..<10).map { _ in RestartBackoff(folder: folder.path).begin().wait.components.seconds }
      #expect(waits == [0, 0, 1, 2, 4, 8, 16, 30, 30, 30])
    }
  }

  @Test func progressEndsTheCount() async throws {
    try await TemporaryFolder.with { folder in
      for _ in 0..<5 { _ = RestartBackoff(folder: folder.path).begin() }
      let start = RestartBackoff(folder: folder.path)
      #expect(start.begin().wait == .seconds(8))
      start.clear()
      #expect(RestartBackoff(folder: folder.path).begin() == (0, .zero))
    }
  }

  @Test func aFolderThatCannotBeWrittenIsNoReasonNotToStart() {
    #expect(RestartBackoff(folder: "/proc/none").begin() == (0, .zero))
  }

  @Test func withoutARuntimeDirectoryNothingIsCounted() {
    #expect(RestartBackoff.ofUnit([:]) == nil)
    #expect(RestartBackoff.ofUnit(["RUNTIME_DIRECTORY": "/run/a:/run/b"]) != nil)
  }
}

import TestSupport
import Testing

/// `make chaos` in short, with the programs of this build.
@Suite(.timeLimit(.minutes(4))) struct ChaosTests {
  @Test func noOrderIsLostAndNoneDoubledWhateverDies() async throws {
    try await TemporaryFolder.with { folder in
      let output = folder["output"]
      // Another one each time: the output names it.
      let seed = UInt64.random(in: 1...1_000_000)
      let chaos = try ChildProcess(
        BuiltProgram.path(of: "quantum-chaos"),
        ["--seed", "\(seed)", "--count", "1500", "--duration", "25", "--gap", "1"], output: output)
      try await eventually("the run is over", within: .seconds(200)) { chaos.poll() != nil }
      let verdict = try folder.read("output")
      #expect(chaos.end == .exited(0), "\(verdict)")
    }
  }
}

import Rehearsal
import Testing

@Suite struct ConfigurationTests {
  @Test(arguments: ["", "-first", "last-", "UPPER", "a/b", "../x", "a b", String(repeating: "a", count: 41)])
  func refusesAnImpossibleName(_ name: String) async throws {
    await #expect(throws: MachineError.invalidName(name)) { try await Machine.boot(.init(name: name)) }
  }
}

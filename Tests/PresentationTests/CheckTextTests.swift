import Deployment
import Testing

@testable import Presentation

@Suite("The list of checks")
struct CheckTextTests {
  private static func check(
    _ subject: String, _ status: CheckResult.Status, _ detail: String = "not checked, because it is not active",
    id: String = "unit.current"
  ) -> CheckResult { CheckResult(id: id, subject: subject, status: status, detail: detail, seconds: 1) }

  @Test("says of what was skipped for one reason in one line how many there were, and keeps all else as it is")
  func folds() {
    let idle = (1...5).map { Self.check("idle\($0).service", .skip) }
    let others = [
      Self.check("a.service", .fail), Self.check("b.service", .pass), Self.check("c.service", .skip, "another reason"),
      Self.check("d.service", .skip, id: "unit.stable"),
    ]
    let folded = CheckText.folded([others[0]] + idle + others.dropFirst())
    #expect(
      folded.map(\.subject) == [
        "a.service", "idle1.service, idle2.service and 3 more", "b.service", "c.service", "d.service",
      ])
    #expect(folded[1].detail == "not checked, because it is not active; --verbose lists them")
    #expect(CheckText.folded(Array(idle.prefix(2))).count == 2)
  }

  @Test("shows permission bits of a backup in octal, and every other number as it is")
  func modes() {
    let value = JSONValue.object([
      "files": .array([.object(["mode": .int(0o4755), "size": .int(493)])]), "mode": .null,
    ])
    #expect(
      value.withOctalModes
        == .object(["files": .array([.object(["mode": .string("4755"), "size": .int(493)])]), "mode": .null]))
  }
}

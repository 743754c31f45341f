import Testing

@testable import Rehearsing

@Suite("What a start brings with it")
struct UnitGraphTests {
  private static let pulls: [String: String] = [
    "default.target": "Id=default.target\nWants=multi-user.target\nRequires=basic.target",
    "multi-user.target": "Id=multi-user.target\nWants=a.service b@x.service\nRequires=basic.target",
    "a.service": "Id=a.service\nWants=\nRequires=redis.service\nBindsTo=loop.service\nAfter=late.service",
    "loop.service": "Id=loop.service\nUpholds=a.service",
  ]

  @Test("is all that is wanted, required or bound, also in a circle, and nothing that is only ordered")
  func closure() async throws {
    let graph = UnitGraph { _, units in
      units.map { Self.pulls[$0] ?? "Id=\($0)" }.joined(separator: "\n\n") + "\n"
    }
    #expect(
      try await graph.closure(of: ["default.target"])
        == [
          "default.target", "multi-user.target", "basic.target", "a.service", "b@x.service", "redis.service",
          "loop.service",
        ])
  }

  @Test("is asked for in portions that fit a command line")
  func batches() async throws {
    let graph = UnitGraph { properties, units in
      #expect(units.count <= 200 && properties == ["Id", "ActiveState"])
      return units.map { "Id=\($0)\nActiveState=active" }.joined(separator: "\n\n")
    }
    #expect(try await graph.properties(["ActiveState"], of: (1...450).map { "u\($0).service" }).count == 450)
  }
}

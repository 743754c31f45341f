import EventBus
import Glibc
import Redis
import TestSupport
import Testing

/// The programs of docs/eventbus.md compile, since they stand in DocumentedPrograms.swift, and do what the page says.
@Suite(.timeLimit(.minutes(1))) struct DocumentTests {
  @Test func everyProgramOfThePageIsTheOneThatIsCompiledHere() throws {
    let compiled = try Self.text("Tests/EventBusTests/DocumentedPrograms.swift")
    let page = try Self.text("docs/eventbus.md")
    let programs = page.split(separator: "```swift\n").dropFirst().compactMap { $0.split(separator: "\n```").first }
    #expect(programs.count == 2)
    for program in programs {
      let lines = program.split(separator: "\n").filter { !$0.hasPrefix("import ") }
      #expect(lines.count <= 20)
      #expect(compiled.contains(lines.joined(separator: "\n")))
    }
  }

  @Test func whatThePublisherPublishesTheConsumerBills() throws {
    try RedisServer.with { server in
      let url = "unix://\(server.folder)/redis.sock"
      try publishOrders(["a", "b"], to: url)
      try Stream("shop:stream:orders").publish([Field("other", "x")], on: server.connect())
      try publishOrders(["c"], to: url)
      let stop = StopSignal()
      var billed: [String] = []
      try billOrders(from: url, stop: stop) { order in
        billed.append(order)
        if order == "c" { stop.raise() }
      }
      #expect(billed == ["a", "b", "c"])
      let letters = try server.connect().ask(Stream("shop:stream:dead.letter").newest(limit: 9))
      #expect(letters.map { $0["reason"] } == ["the order is missing"])
    }
  }

  private static func text(_ path: String) throws -> String {
    let file = try #require(fopen(Checkout.root + "/" + path, "r"))
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }
}

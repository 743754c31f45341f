import Testing
import Units

@testable import Adoption

@Suite("Whose a consumer group is")
struct RedisChoiceTests {
  private static let list = """
    id=3 addr=127.0.0.1:50001 laddr=127.0.0.1:6379 fd=8 name=worker flags=b cmd=xreadgroup user=default
    id=4 addr=127.0.0.1:50002 laddr=127.0.0.1:6379 fd=9 name=x cmd=xadd flags=N cmd=xadd
    id=5 addr=[::1]:50003 laddr=[::1]:6379 fd=10 name= flags=b cmd=xreadgroup user=default
    """

  @Test("is told by who is connected: the readers are those that read by a group")
  func readers() {
    let readers = RedisChoice.readers(Self.list)
    #expect(readers == ["127.0.0.1:50001", "[::1]:50003"])
    let own = ["127.0.0.1", "::1"].map { host in
      ListeningPorts.Connection(
        local: .init(host: host, port: host == "::1" ? 50003 : 50001), remote: .init(host: host, port: 6379))
    }
    #expect(RedisChoice.strangers(readers, own).isEmpty)
    #expect(RedisChoice.strangers(readers, Array(own.dropLast())) == ["[::1]:50003"])
  }

  @Test("is doubted where nobody reads it, or where somebody else reads too")
  func doubt() {
    #expect(RedisChoice.doubt(consumers: 1, readers: 1, strangers: []) == nil)
    #expect(RedisChoice.doubt(consumers: 0, readers: 1, strangers: []) != nil)
    #expect(RedisChoice.doubt(consumers: 1, readers: 0, strangers: []) != nil)
    #expect(RedisChoice.doubt(consumers: 1, readers: 2, strangers: ["10.0.0.1:9"])?.contains("10.0.0.1:9") == true)
  }
}

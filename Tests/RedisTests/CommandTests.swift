import Redis
import Testing

@Suite struct CommandTests {
  @Test func itsNameIsItsFirstArgumentHoweverItWasMade() {
    #expect(Command("GET", "k").name == "GET")
    #expect(Command("A-NAME-OF-MORE-THAN-NINE-BYTES", "1").name == "A-NAME-OF-MORE-THAN-NINE-BYTES")
    #expect((["SET", "k", "v"] as Command).name == "SET")
    #expect(Command().name == "")
    #expect(Command("").name == "")
    var command = Command()
    command.append(argumentsOf: Command("ZADD", "k"))
    command.append(17)
    command.append(bytes: [0xff, 0x0a])
    #expect(command.name == "ZADD")
    #expect(command.count == 4)
    #expect(
      command
        == {
          var other: Command = ["ZADD", "k", "17"]; other.append(bytes: [0xff, 0x0a]); return other
        }())
  }
}

import Glibc
import Testing

@testable import Verification

@Suite struct LogFileMarkTests {
  @Test func onlyWholeLinesBehindTheMarkCount() throws {
    try Scratch.with { folder in
      let path = folder + "/log"
      try Scratch.write("old\n", to: path)
      let mark = try LogFileMark.mark(path).get()
      #expect(try mark.lines().get() == [])
      try Scratch.write("new\nhal", to: path, appending: true)
      #expect(try mark.lines().get() == ["new"])
      try Scratch.write("f\n", to: path, appending: true)
      #expect(try mark.lines().get() == ["new", "half"])
    }
  }

  @Test func aRotatedLogIsFollowedIntoItsSuccessor() throws {
    try Scratch.with { folder in
      let path = folder + "/log"
      try Scratch.write("old\n", to: path)
      let mark = try LogFileMark.mark(path).get()
      try Scratch.write("before\n", to: path, appending: true)
      rename(path, path + ".1")
      #expect(try mark.lines().get() == ["before"])
      try Scratch.write("after\n", to: path)
      #expect(try mark.lines().get() == ["before", "after"])
    }
  }

  @Test func aLogThatIsEmptiedInPlaceIsReadFromItsStart() throws {
    try Scratch.with { folder in
      let path = folder + "/log"
      try Scratch.write("old and long\n", to: path)
      let mark = try LogFileMark.mark(path).get()
      try Scratch.write("new\n", to: path)
      #expect(try mark.lines().get() == ["new"])
    }
  }

  @Test func aLogThatIsYetToBeMadeIsReadFromItsStart() throws {
    try Scratch.with { folder in
      let mark = try LogFileMark.mark(folder + "/log").get()
      #expect(try mark.lines().get() == [])
      try Scratch.write("first\n", to: folder + "/log")
      #expect(try mark.lines().get() == ["first"])
    }
  }

  @Test func whatIsNoFileIsRefused() throws {
    #expect(throws: ProbeError.self) { try LogFileMark.mark("/tmp").get() }
    #expect(throws: ProbeError.self) { try LogFileMark.mark("/dev/null").get() }
  }

  @Test func aUnitThatDoesNotRunHasNoJournalToSearch() {
    let source = LogSource.mark(unit: "x.service", file: nil, state: .success(UnitView(invocation: nil)), since: 0)
    #expect(throws: ProbeError.self) { try source.count("x", traces: ["t"]).get() }
    source.wait("x", atLeast: ["t": 1], until: .now + .seconds(60))
  }
}

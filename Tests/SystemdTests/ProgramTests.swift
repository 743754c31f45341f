import Basics
import FoundationEssentials
import Testing

@testable import Systemd

struct ProgramTests {
  @Test func `the build id is the one in the program's own file`() throws {
    let file = Array(try Data(contentsOf: URL(filePath: "/proc/self/exe"), options: .alwaysMapped).prefix(1 << 16))
    // A note of the name "GNU", 20 bytes and type 3, as ld(1) writes it into the first page.
    let header: [UInt8] = [4, 0, 0, 0, 20, 0, 0, 0, 3, 0, 0, 0] + Array("GNU\0".utf8)
    let place = file.indices.dropLast(36).first { file[$0..<$0 + 16].elementsEqual(header) }
    let expected = place.map { Digits.hex(Array(file[($0 + 16)..<($0 + 36)])) }
    #expect(Program.buildID == expected)
  }

  @Test func `the build id is found behind other notes`() {
    let notes: [UInt32] = [4, 5, 1, 0x55_4e47, 0, 0, 4, 4, 3, 0x55_4e47, 0x0403_0201]
    notes.withUnsafeBytes { #expect(ELFNotes.buildID(inNotes: $0) == "01020304") }
  }

  @Test(arguments: [[], [4, 20, 3, 0x55_4e47, 1], [4, 4, 3, 0x55_4e58, 1], [4, .max, 3, 0x55_4e47, 1]])
  func `without a whole note there is no build id`(notes: [UInt32]) {
    notes.withUnsafeBytes { #expect(ELFNotes.buildID(inNotes: $0) == nil) }
  }
}

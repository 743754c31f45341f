import FileOperations
import Glibc
import TestSupport
import Testing

@testable import Presentation

@Suite("The outputs of a command that goes on without its connection")
struct OutputBoundTests {
  @Test("grow up to a size, piece by piece; what is left out is told as long as there is room for that")
  func bound() async throws { try await TemporaryFolder.with(bound) }

  private func bound(_ folder: TemporaryFolder) throws {
    let (out, told) = (folder.path + "/stdout", folder.path + "/stderr")
    let flags = O_WRONLY | O_CREAT | O_APPEND
    let files = [open(out, flags, 0o600), open(told, flags, 0o600)]
    defer { for file in files { close(file) } }
    func shown(_ text: String, most: Int = 200) -> String {
      let shown = Console.bounded(text, on: files[0], telling: files[1], most: most)
      Console.write(shown, to: files[0])
      return shown
    }
    let piece = String(repeating: "x", count: 90)
    #expect(shown(piece) == piece)
    #expect(shown(piece) == piece)
    // Whole or not at all, and what is small enough still comes.
    #expect(shown(piece) == "")
    #expect(shown("short") == "short")
    for _ in 0..<9 { _ = shown(piece) }
    #expect(try Files.read(out).count == 185)
    let lines = String(decoding: try Files.read(told), as: UTF8.self).split(separator: "\n")
    #expect(lines.first == "qtctl: 90 bytes of output are left out; of a command on another host 200 are kept")
    #expect((2...4).contains(lines.count), "\(lines)")
  }

  @Test("that are no files, or cannot be written, hold nothing up")
  func others() throws {
    var ends: [Int32] = [-1, -1]
    #expect(pipe(&ends) == 0)
    defer { for end in ends { close(end) } }
    #expect(Console.bounded("text", on: ends[1], telling: ends[1], most: 1) == "text")
    let full = open("/dev/full", O_WRONLY)
    defer { close(full) }
    Console.write("text", to: full)
  }
}

import FileOperations
import Glibc
import Preflight
import TestSupport
import Testing

@Suite("A program file")
struct ProgramFormatTests {
  let folder: SuiteFolder
  init() throws { folder = try SuiteFolder() }

  private func format(_ text: String) throws -> ProgramFormat {
    return ProgramFormat(try FileWindow(try folder.folder.write(text, to: "program")))
  }

  @Test("that is ELF says its loader and whether it is whole")
  func elf() throws {
    guard case .elf(let image) = ProgramFormat(try FileWindow(Paths.of("/bin/sh") ?? "")) else {
      Issue.record("not ELF")
      return
    }
    #expect(image.is64Bit && !image.isCutOff && image.kind == .shared)
    #expect(image.interpreter.map { access($0, X_OK) } == 0)
  }

  @Test(
    "that begins with #! is split as the kernel does",
    arguments: [
      ("#!/bin/sh\n", "/bin/sh"), ("#! /usr/bin/env python3", "/usr/bin/env"), ("#!/bin/sh\r\n", "/bin/sh\r"),
      ("#!\n", ""),
    ])
  func script(_ text: String, _ interpreter: String) throws {
    guard case .script(interpreter: interpreter) = try format(text) else {
      Issue.record("not a script for \(interpreter.debugDescription)")
      return
    }
  }

  @Test("that is neither is told so, however short", arguments: ["", "#", "\u{7f}ELF", "text"])
  func neither(_ text: String) throws {
    guard case .unknown = try format(text) else {
      Issue.record("a format")
      return
    }
  }

  @Test("that is ELF and damaged in any byte of its head is judged without a crash")
  func damaged() throws {
    let window = try FileWindow(Paths.of("/bin/sh") ?? "")
    let whole = try #require(window.bytes(at: 0, count: 4096))
    let path = folder.path + "/damaged"
    for place in 4..<1024 {
      for value: UInt8 in [0, 0x7f, 0xff] {
        var bytes = whole
        bytes[place] = value
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        write(file, bytes, bytes.count)
        close(file)
        _ = ProgramFormat(try FileWindow(path))
      }
    }
  }
}

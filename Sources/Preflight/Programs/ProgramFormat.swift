package import FileOperations
internal import Glibc

/// What the kernel will make of a file that it is to execute (execve(2)).
package enum ProgramFormat {
  case elf(ELFImage)
  /// `#!`, and what stands behind it.
  case script(interpreter: String)
  case unknown

  package init(_ file: FileWindow) {
    if let image = ELFImage(file) {
      self = .elf(image)
      return
    }
    guard let head = file.bytes(at: 0, count: min(256, file.size)), head.starts(with: "#!".utf8) else {
      self = .unknown
      return
    }
    let line = String(decoding: head.dropFirst(2).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    // The kernel splits at blanks alone: a carriage return is part of the name.
    let words = line.split { $0 == " " || $0 == "\t" }
    self = .script(interpreter: words.first.map(String.init) ?? "")
  }

  /// Whether this kernel was told how to run other formats (binfmt_misc), so that nothing can be said of them.
  package static var othersRun: Bool {
    let names = (try? Files.names(in: "/proc/sys/fs/binfmt_misc")) ?? []
    return names.contains { $0 != "register" && $0 != "status" }
  }
}

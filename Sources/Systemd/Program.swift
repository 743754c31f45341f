internal import Basics
internal import CSystemd
internal import Glibc

/// What this very executable is.
package enum Program {
  /// The version that all programs of one build share.
  package static let version = "1.0.0"

  /// Where the executable lies, absolute; `nil` when the kernel does not tell, or when it was replaced since it started.
  package static var path: String? {
    guard let found = realpath("/proc/self/exe", nil) else { return nil }
    defer { free(found) }
    return String(cString: found)
  }

  /// The build ID that the linker wrote (`NT_GNU_BUILD_ID`, ld(1) `--build-id`) in hexadecimal digits; `nil` when it
  /// wrote none. Read from the memory of the running program, so it is that of the program even if its file is gone.
  package static let buildID: String? = {
    // The kernel tells where it put the program's own headers (getauxval(3)).
    guard let headers = UnsafePointer<Elf64_Phdr>(bitPattern: getauxval(UInt(AT_PHDR))) else { return nil }
    let program = UnsafeBufferPointer(start: headers, count: Int(getauxval(UInt(AT_PHNUM))))
    return ELFNotes.buildID(of: program)
  }()
}

/// The notes of a loaded ELF object, by the structs of <elf.h> (elf(5)).
enum ELFNotes {
  /// The GNU build ID of an object that is mapped into this process, by its program headers in memory.
  static func buildID(of headers: UnsafeBufferPointer<Elf64_Phdr>) -> String? {
    guard let start = headers.baseAddress else { return nil }
    // The headers hold the addresses that the object was linked for; the difference is how far it was moved.
    let wanted = headers.first { $0.p_type == UInt32(PT_PHDR) }.map { UInt($0.p_vaddr) }
    let moved = wanted.map { UInt(bitPattern: start) &- $0 } ?? 0
    for header in headers where header.p_type == UInt32(PT_NOTE) {
      guard let notes = UnsafeRawPointer(bitPattern: moved &+ UInt(header.p_vaddr)) else { continue }
      let id = buildID(inNotes: UnsafeRawBufferPointer(start: notes, count: Int(clamping: header.p_memsz)))
      if let id { return id }
    }
    return nil
  }

  /// The GNU build ID among notes. Each is a header, a name and a description, padded to four bytes.
  static func buildID(inNotes notes: UnsafeRawBufferPointer) -> String? {
    var offset = 0
    while offset + MemoryLayout<Elf64_Nhdr>.size <= notes.count {
      let header = notes.loadUnaligned(fromByteOffset: offset, as: Elf64_Nhdr.self)
      let name = offset + MemoryLayout<Elf64_Nhdr>.size
      let description = name + padded(header.n_namesz)
      let end = description + Int(header.n_descsz)
      guard end <= notes.count else { return nil }
      if header.n_type == UInt32(NT_GNU_BUILD_ID),
        (name..<name + Int(header.n_namesz)).map({ notes[$0] }) == Array("\(ELF_NOTE_GNU)\0".utf8)
      {
        return Digits.hex((description..<end).map { notes[$0] })
      }
      offset = description + padded(header.n_descsz)
    }
    return nil
  }

  private static func padded(_ size: UInt32) -> Int { (Int(size) + 3) & ~3 }
}

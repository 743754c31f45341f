internal import CSystemd

/// The notes of a loaded ELF object (elf(5)).
enum ELFNotes {
  private static let gnuBuildID: UInt32 = 3

  /// The GNU build id of an object that is mapped into this process, by its program headers in memory.
  static func buildID(of headers: UnsafeBufferPointer<Elf64_Phdr>) -> String? {
    guard let start = headers.baseAddress else { return nil }
    // The headers say where they wanted to be; the difference is how far the object was moved.
    let wanted = headers.first { $0.p_type == UInt32(PT_PHDR) }.map { UInt($0.p_vaddr) }
    let moved = wanted.map { UInt(bitPattern: start) &- $0 } ?? 0
    for header in headers where header.p_type == UInt32(PT_NOTE) {
      guard let notes = UnsafeRawPointer(bitPattern: moved &+ UInt(header.p_vaddr)) else { continue }
      let id = buildID(inNotes: UnsafeRawBufferPointer(start: notes, count: Int(header.p_memsz)))
      if let id { return id }
    }
    return nil
  }

  /// The GNU build id among notes: each is name size, description size, type, then both, padded to four bytes.
  static func buildID(inNotes notes: UnsafeRawBufferPointer) -> String? {
    var offset = 0
    while offset + 12 <= notes.count {
      let nameSize = Int(notes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
      let size = Int(notes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self))
      let type = notes.loadUnaligned(fromByteOffset: offset + 8, as: UInt32.self)
      let name = offset + 12
      let description = name + padded(nameSize)
      guard description + size <= notes.count else { return nil }
      if type == gnuBuildID, notes[name..<name + nameSize].elementsEqual("GNU\0".utf8) {
        return Hexadecimal.text(notes[description..<description + size])
      }
      offset = description + padded(size)
    }
    return nil
  }

  private static func padded(_ size: Int) -> Int { (size + 3) & ~3 }
}

internal import CSystemd

/// The notes of a loaded ELF object (elf(5)).
enum ELFNotes {
  private static let gnuBuildID: UInt32 = 3

  /// The GNU build id of the program that runs, from its program headers in memory (getauxval(3)).
  static func buildIDOfProgram() -> String? {
    let address = UInt(getauxval(UInt(AT_PHDR)))
    guard let start = UnsafePointer<Elf64_Phdr>(bitPattern: address) else { return nil }
    let headers = UnsafeBufferPointer(start: start, count: Int(getauxval(UInt(AT_PHNUM))))
    // Addresses in the headers are relative to where the program was loaded; the entry for the headers tells where.
    let table = headers.first { $0.p_type == UInt32(PT_PHDR) }
    let base = address - UInt(table?.p_vaddr ?? Elf64_Addr(address))
    for header in headers where header.p_type == UInt32(PT_NOTE) {
      guard let notes = UnsafeRawPointer(bitPattern: base + UInt(header.p_vaddr)) else { continue }
      let bytes = UnsafeRawBufferPointer(start: notes, count: Int(header.p_memsz))
      if let id = buildID(inNotes: bytes) { return id }
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
        return notes[description..<description + size].map(hexadecimal).joined()
      }
      offset = description + padded(size)
    }
    return nil
  }

  private static func padded(_ size: Int) -> Int { (size + 3) & ~3 }

  private static func hexadecimal(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}

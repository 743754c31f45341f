internal import CSystemd

/// The notes of a loaded ELF object (elf(5)).
enum ELFNotes {
  private static let gnuBuildID: UInt32 = 3

  /// The GNU build id of an object that is mapped into this process.
  static func buildID(of object: dl_phdr_info) -> String? {
    guard let headers = object.dlpi_phdr else { return nil }
    for index in 0..<Int(object.dlpi_phnum) {
      let header = headers[index]
      guard header.p_type == UInt32(PT_NOTE),
        let start = UnsafeRawPointer(bitPattern: UInt(object.dlpi_addr) + UInt(header.p_vaddr))
      else { continue }
      let notes = UnsafeRawBufferPointer(start: start, count: Int(header.p_memsz))
      if let id = buildID(inNotes: notes) { return id }
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

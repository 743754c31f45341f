package import FileOperations
internal import Glibc

/// What an ELF file (elf(5)) says of itself: for which machine it is and what it needs to be run.
package struct ELFImage {
  package enum Kind: UInt16 { case executable = 2, shared = 3 }

  package let is64Bit: Bool
  /// `e_machine`.
  package let machine: UInt16
  /// `nil`: an object file or a core, which cannot be run.
  package let kind: Kind?
  /// The program that loads it; `nil` where it needs none.
  package private(set) var interpreter: String?
  /// Whether parts of it that would be loaded lie behind the end of the file.
  package private(set) var isCutOff = false
  /// `DT_RUNPATH` and `DT_RPATH`, split.
  package private(set) var searchPaths: [String] = []

  package static let magic: [UInt8] = [0x7f, 0x45, 0x4c, 0x46]

  /// - Returns: `nil` when it is no ELF file.
  package init?(_ file: FileWindow) {
    guard let head = file.bytes(at: 0, count: 64) ?? file.bytes(at: 0, count: 52), Array(head[..<4]) == Self.magic
    else {
      return nil
    }
    let is64Bit = head[4] == 2
    self.is64Bit = is64Bit
    let numbers = LittleEndian(head)
    // What is written the other way round is for another machine, and its number says so when read this way.
    machine = numbers.half(18)
    kind = Kind(rawValue: numbers.half(16))
    let table = is64Bit ? numbers.long(32) : numbers.word(28)
    let size = Int(numbers.half(is64Bit ? 54 : 42))
    let count = Int(numbers.half(is64Bit ? 56 : 44))
    guard head[5] == 1, size >= (is64Bit ? 56 : 32) else { return }
    guard let table = Int(exactly: table), let bytes = file.bytes(at: table, count: size * count) else {
      isCutOff = true
      return
    }
    read((0..<count).map { Segment(LittleEndian(Array(bytes[$0 * size..<($0 + 1) * size])), is64Bit) }, file)
  }

  private mutating func read(_ segments: [Segment], _ file: FileWindow) {
    isCutOff = segments.contains { $0.kind == .load && $0.offset + $0.size > file.size }
    if let segment = segments.first(where: { $0.kind == .interpreter }),
      let bytes = file.bytes(at: segment.offset, count: segment.size)
    {
      interpreter = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    guard is64Bit, let dynamic = segments.first(where: { $0.kind == .dynamic }),
      let bytes = file.bytes(at: dynamic.offset, count: dynamic.size)
    else { return }
    let numbers = LittleEndian(bytes)
    let entries = (0..<bytes.count / 16).map { (tag: numbers.long($0 * 16), value: numbers.long($0 * 16 + 8)) }
    // DT_STRTAB is an address in memory; the segment that is loaded there says where it lies in the file.
    guard let strings = entries.first(where: { $0.tag == 5 }).flatMap({ Int(exactly: $0.value) }),
      let home = segments.first(where: { $0.kind == .load && $0.address <= strings && strings < $0.address + $0.size })
    else { return }
    let start = home.offset + strings - home.address
    for entry in entries where entry.tag == 15 || entry.tag == 29 {
      guard let offset = Int32(exactly: entry.value).map(Int.init), let text = file.text(at: start + offset) else {
        continue
      }
      searchPaths += text.split(separator: ":").map(String.init)
    }
  }

  /// A program header.
  private struct Segment {
    enum Kind: UInt64 { case load = 1, dynamic = 2, interpreter = 3 }
    let kind: Kind?
    let offset: Int
    let address: Int
    let size: Int

    init(_ numbers: LittleEndian, _ is64Bit: Bool) {
      func number(_ long: Int, _ short: Int) -> Int {
        // A number that is absurd is cut: it lies behind the end of every file.
        Int(clamping: min(is64Bit ? numbers.long(long) : numbers.word(short), 1 << 60))
      }
      kind = Kind(rawValue: numbers.word(0))
      offset = number(8, 4)
      address = number(16, 8)
      size = number(32, 16)
    }
  }
}

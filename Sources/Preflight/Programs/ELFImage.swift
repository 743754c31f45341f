internal import CLinux
package import FileOperations
internal import Glibc

/// What an ELF file (elf(5)) says of itself: for which machine it is and what it needs to be run. It is read, never loaded.
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
  /// The libraries that it names, where they are looked for, and their versions; of a file of this machine's own width.
  package private(set) var links = Links()

  /// What the dynamic section says.
  package struct Links {
    /// `DT_NEEDED`.
    package var needed: [String] = []
    /// `DT_RPATH`, split; void where there is a `DT_RUNPATH`.
    package var rpath: [String] = []
    /// `DT_RUNPATH`, split.
    package var runpath: [String] = []
    /// The versions that a library must define, by its name; weak ones left out.
    package var required: [String: [String]] = [:]
    /// The versions that it defines itself.
    package var defined: Set<String> = []
  }

  package static let magic: [UInt8] = [0x7f, 0x45, 0x4c, 0x46]

  /// - Returns: `nil` when it is no ELF file.
  package init?(_ file: FileWindow) {
    guard let head = file.bytes(at: 0, count: 64) ?? file.bytes(at: 0, count: 52), head.starts(with: Self.magic) else {
      return nil
    }
    let is64Bit = head.dropFirst(Int(EI_CLASS)).first == UInt8(ELFCLASS64)
    let isLittle = head.dropFirst(Int(EI_DATA)).first == UInt8(ELFDATA2LSB)
    self.is64Bit = is64Bit
    // What is written the other way round is for another machine, and its number says so when read this way.
    let table: (offset: UInt64, size: Int, count: Int)
    if is64Bit, let header = Elf64_Ehdr(in: head, at: 0) {
      (machine, kind) = (header.e_machine, Kind(rawValue: header.e_type))
      table = (header.e_phoff, Int(header.e_phentsize), Int(header.e_phnum))
    } else if let header = Elf32_Ehdr(in: head, at: 0) {
      (machine, kind) = (header.e_machine, Kind(rawValue: header.e_type))
      table = (UInt64(header.e_phoff), Int(header.e_phentsize), Int(header.e_phnum))
    } else {
      return nil
    }
    let least = is64Bit ? MemoryLayout<Elf64_Phdr>.size : MemoryLayout<Elf32_Phdr>.size
    guard isLittle, table.size >= least else { return }
    // Both are numbers of 16 bits, so that their product is one of 32.
    guard let offset = Int(exactly: table.offset), let bytes = file.bytes(at: offset, count: table.size * table.count)
    else {
      isCutOff = true
      return
    }
    let segments = (0..<table.count).compactMap { Segment(bytes, at: $0 * table.size, is64Bit) }
    isCutOff = segments.contains { $0.kind == UInt32(PT_LOAD) && $0.offset + $0.size > file.size }
    if let segment = segments.first(where: { $0.kind == UInt32(PT_INTERP) }) {
      interpreter = file.text(at: segment.offset)
    }
    if is64Bit, let section = DynamicSection(segments, file) { links = section.links }
  }
}

/// A program header.
struct Segment {
  let kind: UInt32
  let offset: Int
  let address: Int
  let size: Int

  init?(_ table: [UInt8], at place: Int, _ is64Bit: Bool) {
    if is64Bit {
      guard let header = Elf64_Phdr(in: table, at: place) else { return nil }
      kind = header.p_type
      (offset, address, size) = (Self.cut(header.p_offset), Self.cut(header.p_vaddr), Self.cut(header.p_filesz))
    } else {
      guard let header = Elf32_Phdr(in: table, at: place) else { return nil }
      kind = header.p_type
      (offset, address, size) = (Int(header.p_offset), Int(header.p_vaddr), Int(header.p_filesz))
    }
  }

  /// A number that is absurd is cut: it lies behind the end of every file, and two of them can be added.
  private static func cut(_ number: UInt64) -> Int { Int(clamping: min(number, 1 << 60)) }
}

/// A structure of <elf.h> as it lies in a file of this machine's byte order.
protocol FileStructure {
  /// All zeros.
  init()
}

extension FileStructure {
  /// - Returns: `nil` where there are not so many bytes.
  init?(in bytes: [UInt8], at offset: Int) {
    let size = MemoryLayout<Self>.size
    guard offset >= 0, bytes.count >= size, offset <= bytes.count - size else { return nil }
    var value = Self()
    withUnsafeMutableBytes(of: &value) { $0.copyBytes(from: bytes[offset..<offset + size]) }
    self = value
  }

  init?(in file: FileWindow, at offset: Int) {
    guard let bytes = file.bytes(at: offset, count: MemoryLayout<Self>.size) else { return nil }
    self.init(in: bytes, at: 0)
  }
}

extension Elf64_Ehdr: FileStructure {}
extension Elf32_Ehdr: FileStructure {}
extension Elf64_Phdr: FileStructure {}
extension Elf32_Phdr: FileStructure {}
extension Elf64_Dyn: FileStructure {}
extension Elf64_Verneed: FileStructure {}
extension Elf64_Vernaux: FileStructure {}
extension Elf64_Verdef: FileStructure {}
extension Elf64_Verdaux: FileStructure {}

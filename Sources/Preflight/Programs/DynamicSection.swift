internal import CLinux
internal import FileOperations

/// The dynamic section of an ELF file, by which its libraries are found.
struct DynamicSection {
  private let segments: [Segment]
  private let file: FileWindow
  private let entries: [(tag: Int, value: Int)]
  /// Where the names lie in the file.
  private let strings: Int

  /// Entries that are read of any of its lists; a real one has a few hundred.
  private static let most = 1 << 14

  init?(_ segments: [Segment], _ file: FileWindow) {
    let size = MemoryLayout<Elf64_Dyn>.size
    guard let segment = segments.first(where: { $0.kind == UInt32(PT_DYNAMIC) }),
      let bytes = file.bytes(at: segment.offset, count: min(segment.size, Self.most * size))
    else { return nil }
    var entries: [(tag: Int, value: Int)] = []
    for place in stride(from: 0, to: bytes.count, by: size) {
      guard let entry = Elf64_Dyn(in: bytes, at: place), entry.d_tag != Int64(DT_NULL) else { break }
      // A number that is absurd is cut: nothing lies there.
      entries.append((Int(entry.d_tag), Int(clamping: min(entry.d_un.d_val, 1 << 60))))
    }
    self.segments = segments
    self.file = file
    self.entries = entries
    guard let address = entries.first(where: { $0.tag == Int(DT_STRTAB) })?.value,
      let strings = Self.offset(of: address, in: segments)
    else { return nil }
    self.strings = strings
  }

  var links: ELFImage.Links {
    var links = ELFImage.Links()
    links.needed = texts(DT_NEEDED)
    links.runpath = texts(DT_RUNPATH).flatMap(Self.paths)
    links.rpath = links.runpath.isEmpty ? texts(DT_RPATH).flatMap(Self.paths) : []
    links.required = required
    links.defined = defined
    return links
  }

  private static func paths(_ text: String) -> [String] { text.split(separator: ":").map(String.init) }

  private func texts(_ tag: Int32) -> [String] {
    entries.filter { $0.tag == Int(tag) }.compactMap { text($0.value) }
  }

  private func text(_ offset: Int) -> String? { file.text(at: strings + offset) }

  /// An address in memory as a place in the file: the segment that is loaded there says where it lies.
  private static func offset(of address: Int, in segments: [Segment]) -> Int? {
    segments.first { segment in
      segment.kind == UInt32(PT_LOAD) && segment.address <= address && address - segment.address < segment.size
    }.map { $0.offset + (address - $0.address) }
  }

  private func table(_ tag: Int32) -> Int? {
    entries.first { $0.tag == Int(tag) }.flatMap { Self.offset(of: $0.value, in: segments) }
  }

  /// What DT_VERNEED lists.
  private var required: [String: [String]] {
    var required: [String: [String]] = [:]
    var left = Self.most
    guard var place = table(DT_VERNEED) else { return [:] }
    while left > 0, let need = Elf64_Verneed(in: file, at: place) {
      var entry = place + Int(need.vn_aux)
      for _ in 0..<need.vn_cnt where left > 0 {
        left -= 1
        guard let version = Elf64_Vernaux(in: file, at: entry) else { break }
        if version.vna_flags & UInt16(VER_FLG_WEAK) == 0, let library = text(Int(need.vn_file)),
          let name = text(Int(version.vna_name))
        {
          required[library, default: []].append(name)
        }
        guard version.vna_next != 0 else { break }
        entry += Int(version.vna_next)
      }
      left -= 1
      guard need.vn_next != 0 else { break }
      place += Int(need.vn_next)
    }
    return required
  }

  /// What DT_VERDEF lists.
  private var defined: Set<String> {
    var defined: Set<String> = []
    var left = Self.most
    guard var place = table(DT_VERDEF) else { return [] }
    while left > 0, let definition = Elf64_Verdef(in: file, at: place) {
      left -= 1
      // The first name is its own, those behind it are of what it follows from.
      if let name = Elf64_Verdaux(in: file, at: place + Int(definition.vd_aux)).flatMap({ text(Int($0.vda_name)) }) {
        defined.insert(name)
      }
      guard definition.vd_next != 0 else { break }
      place += Int(definition.vd_next)
    }
    return defined
  }
}

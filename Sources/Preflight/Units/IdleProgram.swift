internal import CLinux
internal import FileOperations
internal import Glibc
internal import HostState

/// A program that does nothing: it waits until it is killed. It needs no loader and no library, so that nothing else than
/// these bytes is executed, whatever lies in the sandbox in which it is started.
struct IdleProgram {
  /// Where it lies for the unit that runs it.
  let path: String
  /// Where it lies on the host, on a file system from which programs may be executed.
  let source: String

  /// Lays the program out, and takes it away whatever happens.
  static func with<Value>(_ state: StateFolder, _ body: (IdleProgram) throws -> Value) throws -> Value {
    try Scratch.with { folder in
      try Files.check("set the mode of", folder) { Int(chmod(folder, 0o755)) }
      let path = folder + "/idle"
      try write(to: path)
      guard isNoExec(folder) else { return try body(IdleProgram(path: path, source: path)) }
      // /run often is such a file system; qtctl's state is on disk.
      let source = state.preflight(by: getpid())
      try Files.makeFolders(state.path, mode: 0o700)
      try Files.removeIfPresent(source)
      defer { unlink(source) }
      try write(to: source)
      return try body(IdleProgram(path: path, source: source))
    }
  }

  /// Whether nothing in a folder can be executed.
  static func isNoExec(_ folder: String) -> Bool {
    var facts = statvfs()
    return statvfs(folder, &facts) == 0 && facts.f_flag & UInt(QTCTL_ST_NOEXEC) != 0
  }

  private static func write(to path: String) throws {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
    let file = Int32(try Files.check("create", path) { Int(open(path, flags, 0o600)) })
    defer { close(file) }
    try image.withUnsafeBytes { try Files.writeAll($0, to: file, path: path) }
    try Files.check("set the mode of", path) { Int(fchmod(file, 0o555)) }
  }

  #if arch(x86_64)
    private static let machine = UInt16(EM_X86_64)
    /// mov eax, 34 (pause); syscall; jmp to the beginning.
    private static let code: [UInt8] = [0xb8, 0x22, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xf7]
  #else
    private static let machine = UInt16(EM_AARCH64)
    /// x0 to x3 = 0; x8 = 73 (ppoll); svc 0; b to the beginning.
    private static let code: [UInt8] = [
      0, 0, 0x80, 0xd2, 1, 0, 0x80, 0xd2, 2, 0, 0x80, 0xd2, 3, 0, 0x80, 0xd2, 0x28, 0x09, 0x80, 0xd2, 1, 0, 0, 0xd4,
      0xfa, 0xff, 0xff, 0x17,
    ]
  #endif

  /// An ELF file (elf(5)) with one segment that holds all of it.
  private static var image: [UInt8] {
    let (address, heads) = (UInt64(0x400000), MemoryLayout<Elf64_Ehdr>.size + MemoryLayout<Elf64_Phdr>.size)
    var header = Elf64_Ehdr()
    withUnsafeMutableBytes(of: &header.e_ident) {
      $0.copyBytes(from: ELFImage.magic + [UInt8(ELFCLASS64), UInt8(ELFDATA2LSB), UInt8(EV_CURRENT)])
    }
    header.e_type = UInt16(ET_EXEC)
    header.e_machine = machine
    header.e_version = UInt32(EV_CURRENT)
    header.e_entry = address + UInt64(heads)
    header.e_phoff = UInt64(MemoryLayout<Elf64_Ehdr>.size)
    header.e_ehsize = UInt16(MemoryLayout<Elf64_Ehdr>.size)
    header.e_phentsize = UInt16(MemoryLayout<Elf64_Phdr>.size)
    header.e_phnum = 1
    var segment = Elf64_Phdr()
    segment.p_type = UInt32(PT_LOAD)
    segment.p_flags = UInt32(PF_R | PF_X)
    segment.p_vaddr = address
    segment.p_paddr = address
    segment.p_filesz = UInt64(heads + code.count)
    segment.p_memsz = segment.p_filesz
    segment.p_align = 0x10000
    return withUnsafeBytes(of: header, Array.init) + withUnsafeBytes(of: segment, Array.init) + code
  }
}

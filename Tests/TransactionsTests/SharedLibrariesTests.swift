import FileOperations
import Deployment
import Glibc
import Preflight
import TestSupport
import Testing

@Suite("The shared libraries of a program, by reading alone")
struct SharedLibrariesTests {
  let sandbox: Sandbox
  init() throws { sandbox = try Sandbox() }

  private let libraries = SharedLibraries(future: PlannedFileSystem(Plan(steps: [], touched: [])), libraryPath: nil)

  private func image(_ bytes: [UInt8]) throws -> ELFImage {
    let path = sandbox.root + "/program"
    try Files.replace(path, with: bytes, mode: 0o755)
    return try #require(ELFImage(try FileWindow(path)))
  }

  @Test("are all found for the programs of this host", arguments: ["sh", "systemctl", "journalctl", "openssl", "ssh"])
  func found(_ name: String) throws {
    guard let path = Paths.of("/usr/bin/" + name), let image = ELFImage(try FileWindow(path)) else { return }
    #expect(!image.links.needed.isEmpty)
    #expect(try libraries.missing(image, at: path) == [])
  }

  @Test("are named where one or its version is missing")
  func missing() throws {
    let bytes = try Files.read(Paths.of("/usr/bin/true") ?? "")
    let other = try image(bytes.replacing(Array("libc.so.6".utf8), with: Array("libq.so.6".utf8)))
    #expect(try libraries.missing(other, at: "/opt/x") == ["the shared library libq.so.6 is not found"])
    let newer = try image(bytes.replacing(Array("GLIBC_2.34".utf8), with: Array("GLIBC_9.34".utf8)))
    #expect(try libraries.missing(newer, at: "/opt/x").contains("libc.so.6 has no version GLIBC_9.34"))
  }

  @Test("of a damaged file, or a damaged cache, end no process")
  func damaged() throws {
    let bytes = try Files.read(Paths.of("/usr/bin/true") ?? "")
    var random = SeededGenerator(seed: 11)
    for _ in 0..<300 {
      var bytes = bytes
      for _ in 0..<40 {
        bytes[Int.random(in: 64..<bytes.count, using: &random)] = [0, 0x7f, 0xff].randomElement(using: &random) ?? 0
      }
      _ = try libraries.missing(image(bytes), at: "/opt/x")
    }
    let cache = try Files.read("/etc/ld.so.cache")
    #expect(LoaderCache(cache)?.paths("libc.so.6").isEmpty == false)
    for count in [0, 20, 24, 48, 60, 1000] { #expect(LoaderCache(Array(cache.prefix(count))) == nil) }
  }
}

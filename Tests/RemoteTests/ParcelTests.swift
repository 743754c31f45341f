import FileOperations
import Glibc
import HostState
import TestSupport
import Testing

@testable import Remote

@Suite("A parcel")
struct ParcelTests {
  private static let digest = String(repeating: "0", count: 64)
  private static func file(_ path: String, mode: UInt32 = 0o644, size: Int = 0, digest: String? = digest)
    -> Parcel.Entry
  {
    .init(path: path, kind: .file, mode: mode, size: size, sha256: digest)
  }

  @Test(
    "that leads out of its folder, or is none of a release, is refused",
    arguments: [
      [file("../a")], [file("/a")], [file("")], [file("a/../b")], [file("a//b")], [file("a/b")],
      [file("a"), file("a")],
      [file("a"), file("a/b")], [.init(path: "l", kind: .link, target: "/"), file("l/x")],
      [.init(path: "l", kind: .link)],
      [file("a", mode: 0o4755)], [file("a", mode: 0o666)], [file("a", size: -1)],
      [file("a", size: .max), file("b", size: .max)],
      [file("a", digest: nil)], [file("a", digest: "../../../etc/passwd")], [file("a\u{0}")],
    ])
  func refused(_ entries: [Parcel.Entry]) {
    #expect(throws: ProtocolFault.self) { try Parcel(entries: entries, main: "").validate() }
  }

  @Test("arrives as it was sent, and of the next one what is new is asked for")
  func arrives() async throws { try await TemporaryFolder.with(arrives) }

  private func arrives(_ folder: TemporaryFolder) throws {
    let source = folder.path + "/release"
    try Files.makeFolders(source + "/sub", mode: 0o755)
    try Files.replace(source + "/a", with: Array("a".utf8), mode: 0o755)
    try Files.replace(source + "/sub/same", with: Array("a".utf8), mode: 0o640)
    try Files.replace(source + "/sub/none", with: [], mode: 0o600)
    symlink("../a", source + "/sub/link")
    let parcels = try ReceivedParcels(StateFolder(path: folder.path + "/state"))
    func send(breaking: Bool = false) throws -> (asked: Int, place: String) {
      let outgoing = try OutgoingParcel(folder: source, main: "")
      try outgoing.parcel.validate()
      var (asked, bytes): (Int, [UInt8]) = (0, [])
      let place = try parcels.receive(
        outgoing.parcel,
        ask: { lacks in
          asked = lacks.files.count
          try outgoing.send(lacks.files) { bytes += Array($0) }
          if breaking, !bytes.isEmpty { bytes[0] ^= 1 }
        },
        read: { most in
          defer { bytes.removeFirst(min(most, bytes.count)) }
          guard !bytes.isEmpty else { throw ProtocolFault(description: "over") }
          return Array(bytes.prefix(most))
        })
      return (asked, place)
    }
    let first = try send()
    #expect(first.asked == 2)
    let listing = try OutgoingParcel(folder: first.place, main: "").parcel
    #expect(try listing == OutgoingParcel(folder: source, main: "").parcel)
    #expect(try send().asked == 0)
    try Files.replace(source + "/a", with: Array("b".utf8), mode: 0o755)
    #expect(throws: (any Error).self) { try send(breaking: true) }
    #expect(try Files.names(in: folder.path + "/state/received").count == 1)
    #expect(try send().asked == 1)
    // What was changed in what is there is sent again.
    try Files.replace(first.place + "/sub/same", with: Array("x".utf8), mode: 0o640)
    try Files.replace(first.place + "/a", with: Array("x".utf8), mode: 0o755)
    try Files.replace(source + "/a", with: Array("a".utf8), mode: 0o755)
    #expect(try send().place == first.place)
    #expect(try Files.read(first.place + "/sub/same") == Array("a".utf8))
  }

  @Test("of frames: no bytes make the reader crash, wait for ever or take more than a frame may have")
  func frames() throws {
    var fuzzer = SeededGenerator(seed: 17)
    for _ in 0..<2000 {
      var bytes = (0..<Int.random(in: 0...64, using: &fuzzer)).map { _ in UInt8.random(in: 0...255, using: &fuzzer) }
      if Bool.random(using: &fuzzer) { bytes = [7, 0, 0, 0, 3] + bytes }
      var ends: [Int32] = [-1, -1]
      #expect(pipe(&ends) == 0)
      defer { for end in ends { close(end) } }
      write(ends[1], bytes, bytes.count)
      var reader = FrameReader()
      if !bytes.isEmpty { reader.fill(from: ends[0]) }
      var count = 0
      while let frame = try? reader.next() {
        count += Frame.header + frame.payload.count
        _ = try? frame.decoded(Call.self)
      }
      #expect(count <= bytes.count)
    }
  }

  @Test("of a call: its number is one")
  func call() {
    for (id, isGood) in [("0123456789ab", true), ("0123456789AB", false), ("../../../../x", false), ("", false)] {
      let call = Call(
        id: id, words: ["status"], isDetached: false, parcel: nil, storeOf: nil, hasOutput: false,
        terminal: .init(columns: nil, isColoured: false, isASCII: true))
      #expect(((try? call.validate()) != nil) == isGood)
    }
  }
}

import Glibc
import TestSupport
import Testing

/// Good archives of a small release, and what makes bad ones of them that tar still believes.
enum TarSample {
  static let block = 512

  /// Made by tar itself in each of its formats, below `folder`.
  static func make(in folder: String) throws -> [[UInt8]] {
    let script = """
      cd \(folder) && mkdir -p release/deep/er && cd release && printf 'name: x\\n' > qtctl.yaml \
      && printf text > 'a file' && printf more > deep/er/other && truncate -s 1M deep/sparse \
      && cd .. && tar --format=ustar -cf 1 release \
      && printf long > release/deep/$(printf 'n%.0s' $(seq 120)) && printf more > release/$(printf 'caf\\303\\251') \
      && tar --format=gnu -S -cf 2 release && tar --format=pax -S -cf 3 -C release . && gzip -nk 1 && zstd -q 3 && rm -r release
      """
    #expect(system(script) == 0)
    return try ["1", "2", "3", "1.gz", "3.zst"].map { try bytes(of: folder + "/" + $0) }
  }

  /// What the fields of a header may hold.
  static let words: [[UInt8]] = [
    Array("../".utf8), Array("/etc/evil".utf8), [0], [0, 0, 0, 0], Array("77777777777".utf8), Array("-1".utf8),
    [0x80, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF], Array("ustar\u{0}00".utf8), Array("1".utf8), Array("2".utf8),
    Array("5".utf8), Array("L".utf8), Array("x".utf8), Array("K".utf8), Array("S".utf8), Array("V".utf8),
    Array("\n".utf8), Array(" -> ".utf8), Array("30 path=../../x\n".utf8), Array("22 GNU.sparse.major=1\n".utf8),
    Array("25 size=99999999999999\n".utf8), [0xFF, 0xFE], Array(repeating: UInt8(ascii: "d"), count: 300),
  ]

  /// Makes the checksums of all headers right again, so that a change gets past them.
  static func mend(_ bytes: inout [UInt8]) {
    for start in stride(from: 0, to: max(0, bytes.count - block + 1), by: block)
    where bytes[start + 257..<start + 262].elementsEqual(Array("ustar".utf8)) {
      bytes.replaceSubrange(start + 148..<start + 156, with: Array("        ".utf8))
      let sum = bytes[start..<start + block].reduce(0) { $0 + Int($1) }
      let digits = String(sum, radix: 8)
      let text = String(repeating: "0", count: max(0, 6 - digits.count)) + digits + "\0 "
      bytes.replaceSubrange(start + 148..<start + 156, with: Array(text.utf8))
    }
  }

  static func bytes(of path: String) throws -> [UInt8] {
    let file = try #require(fopen(path, "r"))
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: Int(try TestFiles.facts(path).st_size))
    let count = bytes.count
    #expect(fread(&bytes, 1, count, file) == count)
    return bytes
  }
}

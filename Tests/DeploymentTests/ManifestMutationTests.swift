import Deployment
import Manifests
import TestSupport
import Testing

/// A manifest damaged at random, by seeds that are always the same.
@Suite struct ManifestMutationTests {
  @Test(.timeLimit(.minutes(1)), arguments: 0..<8)
  func aDamagedManifestIsReadOrRefusedAndNeverMore(seed: UInt64) throws {
    var random = SplitMix64(state: seed)
    var accepted = 0
    for _ in 0..<60 {
      let bytes = damaged(Array(designExample.utf8), &random)
      do throws(ManifestError) {
        _ = try Manifest(bytes: bytes, file: "qtctl.yaml")
        accepted += 1
      } catch {
        #expect(!error.problems.isEmpty)
        #expect(error.problems.allSatisfy { $0.line >= 1 && $0.column >= 1 && !$0.message.isEmpty })
        #expect(error.problems.allSatisfy { !$0.message.contains("\n") })
      }
    }
    #expect(accepted < 60, "the damage does nothing")
  }

  @Test(.timeLimit(.minutes(1)), arguments: 100..<102)
  func whatIsStillAcceptedAfterDamageIsAcceptedByTheSchemaToo(seed: UInt64) throws {
    var random = SplitMix64(state: seed)
    let schema = try JSONSchema.manifest()
    for _ in 0..<40 {
      let bytes = damaged(Array(designExample.utf8), &random)
      guard (try? Manifest(bytes: bytes, file: "qtctl.yaml")) != nil else { continue }
      let yaml = String(decoding: bytes, as: UTF8.self)
      #expect(try schema.violations(of: generalValue(of: yaml)) == [], "\(yaml)")
    }
  }

  private func damaged(_ bytes: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
    let tokens = [
      "&a ", "*a", "<<: ", "!!int ", "- ", "\t", "\n", ": ", "{", "}", "[", "]", "\"", "'", "|", "> ", "#", "---\n",
      "\0",
      "\u{FEFF}", "\\", "0", "true", "null", "%", "@", "`", "\r", "?", ",", "é",
    ]
    var bytes = bytes
    for _ in 0...Int.random(in: 0...2, using: &random) {
      let place = Int.random(in: 0..<bytes.count, using: &random)
      let length = min(Int.random(in: 1...30, using: &random), bytes.count - place)
      switch Int.random(in: 0..<6, using: &random) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes.removeSubrange(place..<place + length)
      case 2: bytes.insert(contentsOf: bytes[place..<place + length], at: place)
      case 3: bytes.removeLast(min(length, bytes.count - 1))
      default: bytes.insert(contentsOf: Array((tokens.randomElement(using: &random) ?? "").utf8), at: place)
      }
    }
    return bytes
  }
}

/// Vigna's SplitMix64: small, and the same everywhere.
private struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}

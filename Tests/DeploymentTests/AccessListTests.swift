import Deployment
import Testing

@Suite("An access control list")
struct AccessListTests {
  private static let attribute = "system.posix_acl_access"

  @Test(
    "follows the mode of its file as chmod makes it follow",
    arguments: [
      // user::rw- user:1:r-- group::r-- mask::r-- other::r--, then 4660: the mask takes the group's bits.
      (
        "02000000 01000600ffffffff 0200040001000000 04000400ffffffff 10000400ffffffff 20000400ffffffff", 0o4660,
        "02000000 01000600ffffffff 0200040001000000 04000400ffffffff 10000600ffffffff 20000000ffffffff"
      ),
      (
        "02000000 01000600ffffffff 04000400ffffffff 20000400ffffffff", 0o751,
        "02000000 01000700ffffffff 04000500ffffffff 20000100ffffffff"
      ),
      ("02000000", 0o755, "02000000"), ("", 0o755, ""), ("0200000001", 0o755, "0200000001"),
    ] as [(String, UInt32, String)])
  func mode(before: String, mode: UInt32, after: String) {
    var state = FileState(.file)
    state.xattrs = [Self.attribute: before.filter { $0 != " " }, "user.x": "00"]
    let set = state.settingMode(mode)
    #expect(set.mode == mode && set.xattrs == [Self.attribute: after.filter { $0 != " " }, "user.x": "00"])
  }

  @Test("is not made where there was none")
  func none() {
    #expect(FileState(.file).settingMode(0o755).xattrs == nil)
  }
}

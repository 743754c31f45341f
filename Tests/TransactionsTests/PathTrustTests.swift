import FileOperations
import Glibc
import Testing

@Suite("A path is trusted")
struct PathTrustTests {
  private static let other: uid_t = 4242
  let sandbox: Sandbox
  private let folder: String

  init() throws {
    sandbox = try Sandbox()
    folder = sandbox.root + "/a"
    try TestFiles.write("x", to: folder + "/b/file")
  }

  private var fault: PathTrust.Fault? { PathTrust.root.fault(of: folder + "/b/file") }

  @Test("when root alone can change it, whether it exists or not")
  func safe() {
    #expect(fault == nil)
    #expect(PathTrust.root.fault(of: folder + "/b/new/er") == nil)
    chmod(folder, 0o775)
    #expect(fault == nil, "root's own group may write")
  }

  @Test("not when a folder on the way, or the file, belongs to somebody else", arguments: ["", "/b", "/b/file"])
  func belongs(_ part: String) {
    chown(folder + part, Self.other, 0)
    #expect(fault?.path == folder + part && fault?.reason.contains("belongs to 4242") == true, "\(fault as Any)")
  }

  @Test("not when everybody, a group or an access list may write")
  func writable() {
    chmod(folder, 0o757)
    #expect(fault?.reason.contains("everybody") == true)
    chmod(folder, 0o775)
    chown(folder, 0, Self.other)
    #expect(fault?.reason.contains("group 4242") == true)
    chown(folder, 0, 0)
    guard system("setfacl -m u:4242:rwx \(folder) 2>/dev/null") == 0 else { return }
    #expect(fault?.reason.contains("access list") == true)
  }

  @Test("in a sticky folder of root's only when what is there is root's")
  func sticky() {
    chmod(folder, 0o1777)
    #expect(fault == nil)
    #expect(PathTrust.root.fault(of: folder + "/new")?.reason.contains("everybody") == true)
    chown(folder + "/b", Self.other, 0)
    #expect(fault?.path == folder + "/b")
  }

  @Test("through root's symlinks, by the same rule, and through nobody else's")
  func links() {
    let link = sandbox.root + "/link"
    symlink("a/b", link)
    #expect(PathTrust.root.fault(of: link + "/file") == nil)
    chown(folder, Self.other, 0)
    #expect(PathTrust.root.fault(of: link + "/file")?.path == folder)
    chown(folder, 0, 0)
    lchown(link, Self.other, 0)
    #expect(PathTrust.root.fault(of: link + "/file")?.path == link)
  }
}

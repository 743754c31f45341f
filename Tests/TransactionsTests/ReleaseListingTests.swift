import Basics
import Deployment
import Glibc
import TestSupport
import Testing

@testable import Signatures

@Suite("The listing of a release")
struct ReleaseListingTests {
  let sandbox: Sandbox
  private let folder: String

  init() throws {
    sandbox = try Sandbox()
    folder = sandbox.root + "/release"
    try TestFiles.write("x", to: folder + "/a b")
  }

  @Test("has one line for each path, and escapes what could be taken for another line or field")
  func lines() throws {
    mkdir(folder + "/sub", 0o750)
    chmod(folder + "/sub", 0o2770)
    symlink("to \\ é", folder + "/sub/link")
    try TestFiles.write("signature", to: folder + "/qtctl.sig")
    try TestFiles.write("", to: folder + "/sub/qtctl.sig")
    chmod(folder + "/a b", 0o664)
    let listing = try ReleaseListing(of: folder)
    #expect(
      listing.text == """
        qtctl release listing 1
        file 0644 2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881 a\\x20b
        folder 0750 sub
        link to\\x20\\x5c\\x20\\xc3\\xa9 sub/link
        file 0644 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 sub/qtctl.sig

        """)
    #expect(listing.count == 4)
  }

  @Test("differs for two names that are one to a reader")
  func canonicallyEquivalent() throws {
    #expect(ReleaseListing.escaped("é") != ReleaseListing.escaped("e\u{301}"))
    #expect(ReleaseListing.escaped("a\\x20b") != ReleaseListing.escaped("a b"))
    #expect(ReleaseListing.escaped("a\nfile") == "a\\x0afile")
    #expect(ReleaseListing.escaped(FileName.text([0xFF])) == "\\xff")
    #expect(ReleaseListing.escaped(FileName.text("e\u{301}")) == "e\\xcc\\x81")
  }

  @Test("cannot be made of what no release holds", arguments: ["pipe", "setuid", "staged"])
  func refused(kind: String) throws {
    switch kind {
    case "pipe": mkfifo(folder + "/p", 0o644)
    case "setuid": chmod(folder + "/a b", 0o4755)
    default: try TestFiles.write("", to: folder + "/.x.qtctl-staged")
    }
    #expect(throws: Refusal.self) { try ReleaseListing(of: folder) }
  }
}

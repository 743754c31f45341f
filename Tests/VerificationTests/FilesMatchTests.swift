import Deployment
import Glibc
import Testing

@testable import Verification

@Suite struct FilesMatchTests {
  static let identity = FileIdentity(device: 1, inode: 1)

  static func expected(_ state: ExpectedFile.State, secret: Bool = false) -> ExpectedFile {
    ExpectedFile(target: "/etc/quantum/execution.env", secret: secret, state: state)
  }

  static func found(
    _ kind: FileView.Kind = .file, mode: UInt32 = 0o640, owner: UInt32 = 0, group: UInt32 = 0, sha256: String? = "aa"
  ) -> FileView {
    FileView(kind: kind, mode: mode, owner: owner, group: group, size: 5, sha256: sha256, identity: identity)
  }

  static func link(to target: String) -> FileView {
    var view = found(.link, sha256: nil)
    view.link = target
    return view
  }

  static let present = ExpectedFile.State.present(sha256: "aa", mode: 0o640, owner: 0, group: 0)

  @Test(
    arguments: [
      (present, found(), CheckResult.Status.pass, "as installed, 5 bytes"),
      (present, found(sha256: "bb"), .fail, "expected sha256 aa…, found bb…"),
      (present, found(mode: 0o600), .fail, "expected mode 0640, found 0600"),
      (present, found(owner: 1000), .fail, "expected owner 0, found 1000"),
      (present, found(group: 7), .fail, "expected group 0, found 7"),
      (present, found(.link), .fail, "expected a regular file, found a link"),
      (present, nil, .fail, "expected a file, found nothing"),
      (.absent, nil, .pass, "absent"),
      (.link(to: "/b"), link(to: "/b"), .pass, "points to /b"),
      (.link(to: "/b"), link(to: "/c"), .fail, "expected a link to /b, found one to /c"),
      (.link(to: "/b"), found(), .fail, "expected a link to /b, found a file"),
      (.link(to: "/b"), nil, .fail, "expected a link to /b, found nothing"),
      (.absent, found(), .fail, "expected no file, found a file"),
      (.present(sha256: nil, mode: nil, owner: nil, group: nil), found(mode: 0o777, owner: 5), .pass, "as installed"),
    ] as [(ExpectedFile.State, FileView?, CheckResult.Status, String)])
  func aFileIsWhatWasInstalled(
    state: ExpectedFile.State, seen: FileView?, status: CheckResult.Status, words: String
  ) {
    let result = FilesMatch.judge(Self.expected(state), .success(seen))
    #expect(result.status == status)
    #expect(result.detail.contains(words), "\(result.detail)")
  }

  @Test func ofASecretNeitherContentNorDigestNorSizeIsShown() {
    let result = FilesMatch.judge(Self.expected(Self.present, secret: true), .success(Self.found(sha256: "bb")))
    #expect(result.status == .fail)
    #expect(result.detail.contains("its content differs"))
    #expect(!"\(result)".contains("aa") && !"\(result)".contains("bb"))
    #expect(result.evidence["size"] == nil)
  }

  @Test func aFileThatCannotBeReadFails() {
    let result = FilesMatch.judge(Self.expected(Self.present), .failure(ProbeError("Input/output error")))
    #expect(result.status == .fail && result.detail.contains("Input/output error"))
  }

  @Test func realFilesAreHashedAndLinksAreNotFollowed() throws {
    try Scratch.with { folder in
      let path = folder + "/file"
      try Scratch.write("abc", to: path)
      chmod(path, 0o640)
      let view = try #require(try FileView.look(at: path).get())
      // The digest of "abc" is the first example of FIPS 180-2.
      #expect(view.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
      #expect(view.kind == .file && view.mode == 0o640 && view.size == 3)
      symlink(path, folder + "/link")
      let link = try FileView.look(at: folder + "/link").get()
      #expect(link?.kind == .link && link?.link != nil)
      #expect(try FileView.look(at: folder).get()?.kind == .directory)
      #expect(try FileView.look(at: folder + "/none").get() == nil)
      #expect(try FileView.look(at: path + "/below").get() == nil)
    }
  }

  @Test("what its owner has put in the place of a file is neither waited for nor followed")
  func spoilt() throws {
    try Scratch.with { folder in
      let path = folder + "/file"
      try Scratch.write("abc", to: path)
      // To hash it would take hours.
      #expect(truncate(path, 8 << 40) == 0)
      let file = ExpectedFile(target: path, unit: "x.service", state: Self.present, size: 3)
      let seen = FileSet.look(at: [file])[path]
      let result = FilesMatch.judge(file, seen)
      #expect(result.status == .fail && result.detail.contains("expected 3 bytes, found 8796093022208"))
      unlink(path)
      mkfifo(path, 0o644)
      #expect(FilesMatch.judge(file, FileSet.look(at: [file])[path]).status == .fail)
      // A folder that was swapped for a link.
      mkdir(folder + "/own", 0o755)
      chown(folder + "/own", 4711, 4711)
      symlink(folder, folder + "/own/conf")
      lchown(folder + "/own/conf", 4711, 4711)
      unlink(path)
      try Scratch.write("abc", to: path)
      guard case .failure(let error) = FileView.look(at: folder + "/own/conf/file") else {
        Issue.record("it was followed")
        return
      }
      #expect("\(error)".contains("own/conf"))
    }
  }

  @Test func onlyFilesThatAreThereCountAsInstalled() throws {
    try Scratch.with { folder in
      let path = folder + "/x"
      try Scratch.write("abc", to: path)
      chmod(path, 0o755)
      let files = [
        ExpectedFile(target: path, unit: "x.service", state: Self.present),
        ExpectedFile(target: folder + "/none", unit: "x.service", state: Self.present),
        ExpectedFile(target: folder, unit: "x.service", state: .absent),
        ExpectedFile(target: path, unit: "y.service", state: Self.present),
      ]
      let installed = FileSet.look(at: files).installed(files, of: "x.service")
      #expect(installed.map(\.target) == [path, path] && installed.map(\.isOwn) == [true, false])
      #expect(installed.first?.executable == true)
      #expect(installed.first?.expected == "aa")
    }
  }
}

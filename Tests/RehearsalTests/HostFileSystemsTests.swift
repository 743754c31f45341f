import Testing

@testable import Rehearsal

@Suite struct HostFileSystemsTests {
  @Test func takesWhatALaterMountHidesFromAnOverlayOfTheRoot() {
    let mountinfo = """
      22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
      23 22 0:21 / /proc rw,relatime - proc proc rw
      24 22 0:22 / /run rw,nosuid shared:5 - tmpfs tmpfs rw
      25 22 254:1 / /srv rw,relatime shared:2 - xfs /dev/vdb rw
      26 25 254:2 / /srv/with\\040space rw,relatime shared:3 master:1 - btrfs /dev/vdc rw
      27 22 0:40 / /mnt/remote rw - fuse.sshfs host:/ rw
      28 22 0:41 / /var/lib/docker/overlay2/x/merged rw - overlay overlay rw
      29 24 254:3 / /run/media/disk rw - ext4 /dev/vdd rw
      30 22 254:1 / /srv rw,relatime shared:2 - xfs /dev/vdb rw
      31 22 254:4 / /with:colon rw - ext4 /dev/vde rw
      """
    #expect(HostFileSystems.beside(mountinfo: mountinfo) == ["/srv", "/srv/with space"])
  }

  @Test(arguments: [
    ("/root/release", true), ("/srv/app", true), ("/tmp/release", false), ("/run/x", false), ("/mnt/remote/x", false),
    ("/mnt/remoter", true), ("/var/lib/docker/overlay2/x/merged/y", false), ("/", true),
  ])
  func tellsWhatAMachineHasACopyOf(path: String, isCopied: Bool) {
    let mountinfo = """
      22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
      24 22 0:22 / /run rw,nosuid shared:5 - tmpfs tmpfs rw
      25 22 254:1 / /srv rw,relatime shared:2 - xfs /dev/vdb rw
      27 22 0:40 / /mnt/remote rw - fuse.sshfs host:/ rw
      28 22 0:41 / /var/lib/docker/overlay2/x/merged rw - overlay overlay rw
      """
    #expect(HostFileSystems.copies(path, mountinfo: mountinfo) == isCopied)
  }
}
